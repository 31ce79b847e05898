// SPDX-License-Identifier: BSD-2-Clause
// A filter in the chain of a listener: a row of the table, and a second one, opened by its name,
// with its latency charts and everything that is counted of it.
import { TimeChart, histogram, sparkline } from "./chart.js";
import { brief, cell, count, duration, make, makeSvg, neat, setText } from "./dom.js";

// The members of an object of counts that are not 0: continue 5, reject 2.
export function named(counts) {
	return Object.entries(counts ?? {})
		.filter(([, number]) => number > 0)
		.map(([name, number]) => `${name} ${count(number)}`)
		.join(", ");
}

function trouble(counted) {
	return named({
		"time-outs": counted.timeouts,
		crashes: counted.crashes,
		"regex limits": counted.regex_limits,
		errors: counted.verdicts.error,
	});
}

// In the order in which they are printed: what is counted of a filter, and how it is called.
const COUNTS = {
	verdicts: "Verdicts",
	shadow_verdicts: "Verdicts in shadow",
	edits: "Edits",
	shadow_edits: "Edits in shadow",
};

const REMOVED = "it has crashed too often; its on-error policy stands in until the next reload";

function stateBadge(state) {
	const title = state === "removed" ? REMOVED : null;

	return make("span", { class: `badge is-${state}`, title }, state);
}

let panels = 0; // ids of the rows that open

export class FilterRow {
	#counted = null;
	#samples = null;

	constructor(listener, filter, place) {
		this.listener = listener;
		this.name = filter.name;
		this.filter = filter;
		this.id = `filter-${++panels}`;
		this.#buildRow(place);
		this.#buildMore();
		this.elements = [this.row, this.more];
	}

	#buildRow(place) {
		const { filter } = this;

		this.opener = make(
			"button",
			{
				type: "button",
				class: "opener",
				"aria-expanded": "false",
				"aria-controls": this.id,
			},
			filter.name,
		);
		this.opener.addEventListener("click", () => this.#toggle());
		this.state = cell("State", {});
		this.spark = makeSvg("svg", { class: "spark", "aria-hidden": "true" });
		this.cells = Object.fromEntries(
			["Calls/s", "p50", "p99"].map((name) => [
				name,
				cell(name, { class: "number" }, "–"),
			]),
		);
		this.verdicts = cell("Verdicts", {});
		this.trouble = cell("Trouble", { class: "troubles" });
		this.row = make(
			"tr",
			{},
			make(
				"th",
				{ scope: "row" },
				make("span", { class: "muted" }, `${place} `),
				this.opener,
			),
			this.state,
			cell("On error", {}, filter.on_error ?? ""),
			cell(
				"Timeout",
				{ class: "number" },
				neat(duration((filter.timeout_ms ?? 0) * 1000)),
			),
			...Object.values(this.cells),
			cell("Trend", { class: "trend" }, this.spark),
			this.verdicts,
			this.trouble,
		);
	}

	#buildMore() {
		this.chart = new TimeChart({
			label: `Time of a call of ${this.name}`,
			stacked: false,
			format: duration,
			height: 150,
			series: [
				{ name: "p50", kind: "p50" },
				{ name: "p99", kind: "p99" },
			],
		});
		this.bars = makeSvg("svg", { class: "chart", role: "img" });
		this.counts = make("dl", { class: "facts" });
		this.more = make(
			"tr",
			{ id: this.id, class: "more", hidden: true },
			make(
				"td",
				{ colspan: "10" },
				make(
					"div",
					{ class: "pair" },
					make(
						"div",
						{},
						make("h3", {}, "Time of a call, last minutes"),
						this.chart.element,
					),
					make(
						"div",
						{},
						make("h3", {}, "Time of a call, since the start"),
						this.bars,
					),
				),
				this.counts,
			),
		);
	}

	#toggle() {
		const open = this.more.hidden;

		this.more.hidden = !open;
		this.opener.setAttribute("aria-expanded", String(open));
		if (this.#counted) this.#updateMore();
	}

	// What is counted of the filter; undefined when nothing is.
	update(counted, samples) {
		this.#updateState(counted);
		if (!counted) return;
		this.#counted = counted;
		this.#samples = samples;
		this.#updateRow();
		if (!this.more.hidden) this.#updateMore();
	}

	#updateState(counted) {
		const removed = Boolean(this.filter.removed || counted?.removed);
		const states = removed ? ["removed"] : [];
		const wanted = [...states, this.filter.mode ?? "enforce"].join(" ");

		if (this.state.dataset.shown === wanted) return;
		this.state.dataset.shown = wanted;
		this.row.classList.toggle("is-removed-row", removed);
		this.state.replaceChildren(...wanted.split(" ").map(stateBadge));
	}

	#updateRow() {
		const rate = this.#samples.callRate(this.listener, this.name).at(-1) ?? null;
		const p99 = this.#samples.latency(0.99, this.listener, this.name);
		const { call_time: time } = this.#counted;
		const shadow = named(this.#counted.shadow_verdicts);

		setText(this.cells["Calls/s"], rate === null ? "–" : brief(rate));
		setText(this.cells.p50, time.count ? duration(time.p50_us) : "–");
		setText(this.cells.p99, time.count ? duration(time.p99_us) : "–");
		setText(
			this.verdicts,
			[named(this.#counted.verdicts), shadow && `in shadow: ${shadow}`]
				.filter(Boolean)
				.join("; ") || "–",
		);
		setText(this.trouble, trouble(this.#counted));
		sparkline(this.spark, p99);
	}

	#updateMore() {
		const { call_time: time } = this.#counted;

		this.chart.draw(this.#samples.times, [
			this.#samples.latency(0.5, this.listener, this.name),
			this.#samples.latency(0.99, this.listener, this.name),
		]);
		histogram(this.bars, time.buckets, this.#summary(time));
		this.counts.replaceChildren(
			...this.#facts().flatMap(([name, text]) => [
				make("dt", {}, name),
				make("dd", {}, text),
			]),
		);
	}

	#summary({ count: calls, p50_us: p50, p99_us: p99 }) {
		return (
			`${count(calls)} calls of ${this.name}: ` +
			`half below ${duration(p50)}, 99 in 100 below ${duration(p99)}`
		);
	}

	// Names and texts of what the configuration says, and of what is counted.
	#facts() {
		const { plugin, when, where } = this.filter;
		const counts = Object.entries(COUNTS).map(([key, name]) => [
			name,
			named(this.#counted[key]),
		]);
		const time = this.#counted.call_time;

		return [
			["Plugin", plugin],
			["When", when ?? "always"],
			["Configured at", where],
			["Calls", `${count(time.count)}, ${duration(time.sum_us)} in all`],
			...counts,
		].filter(([, text]) => text);
	}
}
