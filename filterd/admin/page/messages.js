// SPDX-License-Identifier: BSD-2-Clause
// The list of messages: search, pages, and new messages as they end. Rows are kept by id, so that
// those that stay keep the focus and the place on the screen.
import { get } from "./api.js";
import {
	badge,
	byId,
	cell,
	clock,
	count,
	make,
	moment,
	setText,
	shown,
	timeElement,
} from "./dom.js";
import { KEYS, address } from "./route.js";

const PAGE = 50; // messages on a page

function sameDay(milliseconds) {
	return new Date(milliseconds).toDateString() === new Date().toDateString();
}

// An address of the envelope, if there is one and it is kept; the empty one is a bounce's sender.
export function path(text) {
	return text === null || text === undefined
		? make("span", { class: "muted" }, "–")
		: text === ""
			? make("i", { class: "muted" }, "<> (no sender)")
			: shown(text);
}

function recipients(message) {
	const [first] = message.recipients ?? [];
	const others = (message.recipient_count ?? 0) - 1;

	return make(
		"div",
		{},
		make("span", { class: "muted" }, "to "),
		first === undefined
			? make(
					"i",
					{ class: "muted" },
					message.recipient_count
						? `${count(message.recipient_count)} recipients`
						: "nobody",
				)
			: path(first),
		first !== undefined && others > 0
			? make("span", { class: "muted" }, ` and ${count(others)} more`)
			: null,
	);
}

function clientCell(message) {
	const { name, address: ip } = message.client ?? {};

	return cell(
		"Client",
		{ class: "client" },
		ip ? make("div", {}, shown(ip)) : null,
		name ? make("div", { class: "muted" }, shown(name)) : null,
	);
}

function decision(message) {
	const rules = (message.rules ?? []).map((rule) =>
		make("span", { class: "tag" }, shown(rule)),
	);

	return cell(
		"Decided by",
		{ class: "decision" },
		message.decided_by ? make("div", {}, shown(message.decided_by)) : null,
		rules.length ? make("div", { class: "tags" }, ...rules) : null,
		message.reply ? make("div", { class: "muted clip" }, shown(message.reply)) : null,
	);
}

function messageRow(message) {
	const when = sameDay(message.time) ? clock(message.time) : moment(message.time);
	const link = make("a", {}, message.queue ? shown(message.queue) : "no queue id");

	return make(
		"tr",
		{ "data-id": String(message.id) },
		cell("Time", { class: "time" }, timeElement(message.time, when)),
		cell("Verdict", { class: "verdict" }, badge(message.verdict)),
		make(
			"th",
			{ scope: "row" },
			link,
			message.subject === null || message.subject === undefined
				? null
				: make("div", { class: "clip subject" }, shown(message.subject)),
		),
		cell("From and to", {}, make("div", {}, path(message.sender)), recipients(message)),
		clientCell(message),
		decision(message),
	);
}

export class Messages {
	#route = { search: {}, before: null, message: null };
	#rows = new Map();
	#history = {}; // what the configuration says is kept
	#asked = 0; // number of the last question; answers to earlier ones are dropped
	#hidden = true;

	constructor() {
		const form = byId("search");

		form.addEventListener("submit", (event) => {
			event.preventDefault();
			this.#go();
		});
		form.addEventListener("reset", () => {
			location.hash = address({});
		});
		form.elements.verdict.addEventListener("change", () => this.#go());
		byId("live").addEventListener("change", () => this.poll());
	}

	#go() {
		const given = new FormData(byId("search"));

		location.hash = address(
			Object.fromEntries(KEYS.map((key) => [key, (given.get(key) ?? "").trim()])),
		);
	}

	// What the configuration keeps decides what can be searched.
	configure(history) {
		const { elements } = byId("search");
		const none = history.addresses === "none";

		this.#history = history;
		for (const name of ["sender", "recipient", "client"]) {
			elements[name].disabled = none;
			elements[name].placeholder = none
				? "not kept"
				: history.addresses === "hashed"
					? "whole, kept hashed"
					: "";
		}
	}

	// The view is shown for that route; null: another view is.
	async show(route) {
		const before = this.#route;

		this.#hidden = route === null;
		if (route === null) return;
		this.#route = route;
		this.#markSelected();
		if (
			address(route.search, route) !==
			address(before.search, { ...before, message: route.message })
		)
			this.#fillForm();
		await this.load();
	}

	#fillForm() {
		const { elements } = byId("search");

		for (const key of KEYS) elements[key].value = this.#route.search[key] ?? "";
	}

	// New messages, when they are wanted and the first page is shown.
	async poll() {
		if (!this.#hidden && this.#route.before === null && byId("live").checked)
			await this.load();
	}

	async load() {
		const number = ++this.#asked;
		const { search, before } = this.#route;

		try {
			const answer = await get("api/messages", {
				...search,
				before,
				limit: PAGE,
			});

			if (number === this.#asked) this.#draw(answer);
		} catch (error) {
			if (number === this.#asked)
				setText(byId("messages-count"), `Cannot search: ${error.message}`);
		}
	}

	#draw(answer) {
		const rows = answer.messages.map(
			(message) => this.#rows.get(String(message.id)) ?? messageRow(message),
		);
		const body = byId("messages-rows");

		this.#rows = new Map(rows.map((row) => [row.dataset.id, row]));
		for (const old of [...body.children])
			if (!this.#rows.has(old.dataset.id)) old.remove();
		rows.forEach((row, i) => {
			if (body.children[i] !== row)
				body.insertBefore(row, body.children[i] ?? null);
		});
		this.#markSelected();
		this.#tell(answer);
		this.#pages(answer);
	}

	// Links keep the search and the page, so that a message is closed to where it was opened.
	#markSelected() {
		const { search, before, message } = this.#route;

		for (const [id, row] of this.#rows) {
			const link = row.querySelector("a");

			link.href = address(search, { before, message: id });
			if (id === message) link.setAttribute("aria-current", "true");
			else link.removeAttribute("aria-current");
			row.classList.toggle("selected", id === message);
		}
	}

	#tell(answer) {
		const some = answer.messages.length;
		const searched = Object.keys(this.#route.search).length > 0;
		const lost = answer.dropped
			? `; ${count(answer.dropped)} could not be recorded`
			: "";
		const empty = byId("messages-empty");

		setText(
			byId("messages-count"),
			`${count(some)}${answer.more ? " and more" : ""} ` +
				(searched ? "found" : "shown") +
				`, ${count(answer.total)} kept${lost}`,
		);
		empty.hidden = some > 0;
		setText(
			empty,
			this.#history.keep === 0
				? "No message is kept: the history is off."
				: searched
					? "No message that is kept fits this search."
					: "No message yet.",
		);
		byId("messages-table").hidden = some === 0;
	}

	#pages(answer) {
		const { search, before } = this.#route;
		const last = answer.messages.at(-1);

		byId("page-newest").hidden = before === null;
		byId("page-newest").href = address(search);
		byId("page-older").hidden = !answer.more || !last;
		if (last) byId("page-older").href = address(search, { before: String(last.id) });
		byId("live").disabled = before !== null;
	}
}
