// SPDX-License-Identifier: BSD-2-Clause
// The overview: numbers of the whole daemon, rates by verdict, and each listener with its chain.
// What the configuration decides is built once a generation; a poll then only changes texts and
// charts, so that what the reader has opened or focused stays as it is.
import { TimeChart } from "./chart.js";
import { FilterRow, named } from "./filter.js";
import { brief, byId, bytes, count, duration, make, setText } from "./dom.js";
import { VERDICTS } from "./samples.js";

// ---- numbers of the whole daemon ----

function sum(status, work) {
	return status.listeners.reduce((total, listener) => total + work(listener), 0);
}

function lastOf(series) {
	return series.at(-1) ?? null;
}

function rateTile(samples) {
	const rates = VERDICTS.map((verdict) => lastOf(samples.rates(verdict, null)));
	const known = rates.every((rate) => rate !== null);

	return { text: known ? `${brief(rates.reduce((a, b) => a + b, 0))}/s` : "–" };
}

function totalTile(status) {
	const total = sum(status, (one) => Object.values(one.messages).reduce((a, b) => a + b, 0));
	const refused = sum(status, (one) => one.messages.reject + one.messages.tempfail);
	const share = total > 0 ? `${brief((refused / total) * 100)} % refused` : "";

	return { text: count(total), note: share };
}

function workerTile(status) {
	const draining = sum(status, (one) => one.workers.draining);
	const restarts = sum(status, (one) => one.worker_restarts);
	const notes = [
		draining ? `${count(draining)} draining` : "",
		restarts ? `${count(restarts)} died` : "",
	];

	return {
		text: count(sum(status, (one) => one.workers.serving)),
		note: notes.filter(Boolean).join(", "),
		warn: restarts > 0,
	};
}

function descriptorTile(status) {
	const open = sum(status, (one) => one.descriptors);
	const limit = sum(status, (one) => one.descriptors_limit);

	return {
		text: count(open),
		note: `of ${count(limit)}`,
		warn: limit > 0 && open > 0.8 * limit,
	};
}

function generationTile(status) {
	const { success, failure } = status.reloads;
	const failed = failure ? `, ${count(failure)} failed` : "";

	return {
		text: String(status.generation),
		note: `${count(success)} reloads${failed}`,
		warn: failure > 0,
	};
}

// Nothing while no second configuration is tried.
function shadowTile(status) {
	if (!status.shadow) return null;
	const { messages, differing, dropped, deaths } = status.shadow;
	const missed = Object.values(dropped).reduce((a, b) => a + b, 0);
	const notes = [
		`of ${count(messages)} differ`,
		missed ? `${count(missed)} not judged` : "",
		deaths ? `${count(deaths)} died` : "",
	];

	return {
		text: count(differing),
		note: notes.filter(Boolean).join(", "),
		warn: deaths > 0,
	};
}

// Names of the tiles and what each says of a status; null: the tile is not shown.
const TILES = {
	Messages: (_, samples) => rateTile(samples),
	"End of message, p99": (_, samples) => ({
		text: duration(lastOf(samples.wait(0.99, null))),
	}),
	"Since the start": totalTile,
	"Sessions open": (status) => ({
		text: count(sum(status, (one) => one.sessions_open)),
		note: `${count(sum(status, (one) => one.sessions))} in all`,
	}),
	Workers: workerTile,
	Generation: generationTile,
	Memory: (status) => ({ text: bytes(sum(status, (one) => one.resident_memory_bytes)) }),
	Descriptors: descriptorTile,
	Shadow: shadowTile,
};

class Tiles {
	#parts = new Map();

	constructor() {
		for (const name of Object.keys(TILES)) {
			const value = make("b");
			const note = make("span", { class: "muted" });
			const tile = make(
				"div",
				{ class: "tile" },
				make("dt", {}, name),
				make("dd", {}, value, note),
			);

			this.#parts.set(name, { tile, value, note });
			byId("tiles").append(tile);
		}
	}

	update(status, samples) {
		for (const [name, { tile, value, note }] of this.#parts) {
			const says = TILES[name](status, samples);

			tile.hidden = !says;
			if (!says) continue;
			setText(value, says.text);
			setText(note, says.note ?? "");
			tile.classList.toggle("warn", Boolean(says.warn));
		}
	}
}

// ---- listeners ----

const COLUMNS = [
	"Filter",
	"State",
	"On error",
	"Timeout",
	"Calls/s",
	"p50",
	"p99",
	"p99, last minutes",
	"Verdicts",
	"Trouble",
];

// What an administrator should know of a listener beside its messages; empty if all is well.
function troubles(counted) {
	const refused = named(counted.recipients_refused);
	const decided = named(counted.connections_decided);
	const limits = named(counted.limits_reached);

	return [
		decided && `connections decided: ${decided}`,
		refused && `recipients refused: ${refused}`,
		limits && `limits reached: ${limits}`,
		counted.plan_failures &&
			`edits that the MTA could not carry out: ${count(counted.plan_failures)}`,
		counted.worker_restarts && `workers that died: ${count(counted.worker_restarts)}`,
	]
		.filter(Boolean)
		.join(" · ");
}

class ListenerPanel {
	constructor(listener) {
		const head = COLUMNS.map((name) => make("th", { scope: "col" }, name));

		this.name = listener.name;
		this.rows = listener.chain.map(
			(filter, i) => new FilterRow(listener.name, filter, i + 1),
		);
		this.facts = make("p", { class: "muted" });
		this.troubles = make("p", { class: "troubles" });
		this.element = make(
			"section",
			{ class: "panel", "aria-label": `Listener ${listener.name}` },
			make(
				"div",
				{ class: "panel-head" },
				make("h2", {}, `Listener ${listener.name} `),
				make("code", { class: "muted" }, listener.socket ?? ""),
			),
			this.facts,
			this.troubles,
			make(
				"table",
				{ class: "cards chain" },
				make(
					"caption",
					{ class: "hidden" },
					`Filters of ${listener.name}, in order`,
				),
				make("thead", {}, make("tr", {}, ...head)),
				make("tbody", {}, ...this.rows.flatMap((row) => row.elements)),
			),
		);
	}

	update(status, samples) {
		const counted = status.listeners.find((one) => one.name === this.name);

		if (counted) this.#facts(counted);
		for (const row of this.rows)
			row.update(
				counted?.filters.find((one) => one.name === row.name),
				samples,
			);
	}

	#facts(counted) {
		const draining = counted.workers.draining
			? `, ${count(counted.workers.draining)} draining`
			: "";

		setText(
			this.facts,
			`${count(counted.workers.serving)} workers${draining} · ` +
				`${count(counted.sessions_open)} sessions open · ` +
				`${named(counted.messages) || "no message yet"} · ` +
				bytes(counted.message_bytes),
		);
		setText(this.troubles, troubles(counted));
	}
}

// ---- the view ----

export class Overview {
	#tiles = new Tiles();
	#panels = [];
	#rates = new TimeChart({
		label: "Messages a second",
		stacked: true,
		format: brief,
		series: VERDICTS.map((verdict) => ({ name: verdict, kind: verdict })),
	});
	#waits = new TimeChart({
		label: "Time at the end of a message",
		stacked: false,
		format: duration,
		series: [
			{ name: "p50", kind: "p50" },
			{ name: "p99", kind: "p99" },
		],
	});
	#last = null; // arguments of the last update

	constructor() {
		byId("rates").append(this.#rates.element);
		byId("waits").append(this.#waits.element);
		byId("rates-of").addEventListener("change", () => this.redraw());
	}

	// The chains of a new generation.
	build(chains) {
		const select = byId("rates-of");
		const chosen = select.value;
		const options = chains.listeners.map(({ name }) =>
			make("option", { value: name }, name),
		);

		select.replaceChildren(make("option", { value: "" }, "all"), ...options);
		select.value = chains.listeners.some(({ name }) => name === chosen) ? chosen : "";
		this.#panels = chains.listeners.map((listener) => new ListenerPanel(listener));
		byId("listeners").replaceChildren(...this.#panels.map((panel) => panel.element));
	}

	update(status, samples) {
		this.#last = [status, samples];
		this.#tiles.update(status, samples);
		for (const panel of this.#panels) panel.update(status, samples);
		this.#charts(samples);
	}

	redraw() {
		if (this.#last) this.update(...this.#last);
	}

	#charts(samples) {
		const of = byId("rates-of").value || null;

		this.#rates.draw(
			samples.times,
			VERDICTS.map((verdict) => samples.rates(verdict, of)),
		);
		this.#waits.draw(samples.times, [samples.wait(0.5, of), samples.wait(0.99, of)]);
	}
}
