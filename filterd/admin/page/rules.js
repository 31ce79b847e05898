// SPDX-License-Identifier: BSD-2-Clause
// The rules of all filters with their hits, most first; those that never hit can be had alone.
import { byId, cell, count, make, moment, setText } from "./dom.js";
import { address } from "./route.js";

function allRules(status) {
	return status.listeners.flatMap((listener) =>
		listener.filters.flatMap((filter) =>
			Object.entries(filter.rules).map(([rule, hits]) => ({
				rule,
				hits,
				filter: filter.name,
				listener: listener.name,
			})),
		),
	);
}

function ruleRow(one, most) {
	const meter = make("span", { class: "meter", "aria-hidden": "true" }, make("span"));
	const row = make(
		"tr",
		{ class: one.hits === 0 ? "never" : null },
		make(
			"th",
			{ scope: "row" },
			make(
				"a",
				{
					href: address({ rule: one.rule }),
					title: "messages in which it matched",
				},
				one.rule,
			),
		),
		cell("Filter", {}, one.filter),
		cell("Listener", {}, one.listener),
		cell("Hits", { class: "number" }, one.hits === 0 ? "never" : count(one.hits)),
		cell("Share", {}, meter),
	);

	meter.firstChild.style.width = `${most > 0 ? (one.hits / most) * 100 : 0}%`;
	return row;
}

export class Rules {
	#status = null;
	#drawn = "";

	constructor() {
		byId("rules-form").addEventListener("submit", (event) => event.preventDefault());
		byId("rules-find").addEventListener("input", () => this.#draw());
		byId("rules-never").addEventListener("change", () => this.#draw());
	}

	update(status) {
		this.#status = status;
		setText(byId("rules-since"), `since ${moment(status.started * 1000)}`);
		this.#draw();
	}

	#draw() {
		if (!this.#status) return;
		const text = byId("rules-find").value.toLowerCase();
		const never = byId("rules-never").checked;
		const all = allRules(this.#status);
		const wanted = all.filter(
			(one) =>
				(!never || one.hits === 0) &&
				`${one.rule} ${one.filter} ${one.listener}`
					.toLowerCase()
					.includes(text),
		);
		const silent = all.filter((one) => one.hits === 0).length;

		setText(
			byId("rules-count"),
			all.length === 0
				? "No rule has been loaded."
				: `${count(wanted.length)} of ${count(all.length)} rules; ` +
						`${count(silent)} never hit`,
		);
		this.#rows(wanted.sort((a, b) => b.hits - a.hits || (a.rule < b.rule ? -1 : 1)));
	}

	// Nothing is touched when nothing has changed, so that the focus stays.
	#rows(rules) {
		const drawn = JSON.stringify(rules);
		const most = Math.max(0, ...rules.map((one) => one.hits));

		if (drawn === this.#drawn) return;
		this.#drawn = drawn;
		const focused = document.activeElement?.closest("#rules-rows tr")?.dataset.key;
		const rows = rules.map((one) => {
			const row = ruleRow(one, most);

			row.dataset.key = JSON.stringify([one.listener, one.filter, one.rule]);
			return row;
		});

		byId("rules-rows").replaceChildren(...rows);
		rows.find((row) => row.dataset.key === focused)
			?.querySelector("a")
			.focus();
	}
}
