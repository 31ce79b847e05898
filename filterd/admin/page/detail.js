// SPDX-License-Identifier: BSD-2-Clause
// One message: its envelope, what each filter did and why, results and score, edits, and the diff
// of what was received and what is delivered.
import { get } from "./api.js";
import {
	badge,
	byId,
	bytes,
	cell,
	count,
	duration,
	make,
	moment,
	shown,
	timeElement,
} from "./dom.js";
import { path } from "./messages.js";
import { address } from "./route.js";

// A list of names and what stands for them; what is null is left out.
function facts(pairs) {
	const kept = pairs.filter(
		([, value]) => value !== null && value !== undefined && value !== "",
	);

	return make(
		"dl",
		{ class: "facts" },
		...kept.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
	);
}

function text(value) {
	return value === null || value === undefined || value === "" ? null : shown(value);
}

function part(title, ...children) {
	return make("div", { class: "part" }, make("h3", {}, title), ...children);
}

function table(caption, columns, rows) {
	const head = columns.map((name) => make("th", { scope: "col" }, name));

	return make(
		"table",
		{ class: "cards" },
		make("caption", { class: "hidden" }, caption),
		make("thead", {}, make("tr", {}, ...head)),
		make("tbody", {}, ...rows),
	);
}

function pathList(paths) {
	return make("ul", { class: "plain" }, ...paths.map((one) => make("li", {}, path(one))));
}

// ---- envelope ----

function client(summary) {
	const { name, address: ip } = summary.client ?? {};

	return ip || name
		? make(
				"span",
				{},
				shown(ip ?? ""),
				name ? " (" : "",
				name ? shown(name) : "",
				name ? ")" : "",
			)
		: null;
}

function envelope(summary) {
	return facts([
		["Time", timeElement(summary.time, moment(summary.time))],
		["From", path(summary.sender)],
		[
			"To",
			summary.recipients?.length
				? pathList(summary.recipients)
				: `${count(summary.recipient_count)} recipients`,
		],
		["Client", client(summary)],
		["HELO", text(summary.helo)],
		["Size", bytes(summary.size ?? 0)],
		["Queue id", text(summary.queue)],
		["Session", text(summary.session)],
		["Listener", `${summary.listener}, generation ${summary.generation}`],
	]);
}

function verdict(summary, explanation) {
	const by = summary.decided_by;

	return make(
		"div",
		{},
		badge(summary.verdict),
		by ? make("span", {}, " by ", make("b", {}, shown(by))) : null,
		summary.stage ? make("span", { class: "muted" }, ` at ${summary.stage}`) : null,
		explanation.quarantine
			? make("p", {}, "Quarantined: ", shown(explanation.quarantine))
			: null,
		summary.reply ? make("pre", { class: "reply" }, shownLines(summary.reply)) : null,
	);
}

// Line ends stay line ends; all else that would not show is marked.
function shownLines(value) {
	const lines = String(value).split(/\r?\n/);

	return make(
		"span",
		{},
		...lines.flatMap((line, i) => (i ? ["\n", shown(line)] : [shown(line)])),
	);
}

// ---- filters ----

function ruleItem(rule) {
	return make(
		"li",
		{},
		make("span", { class: "tag" }, shown(rule.rule)),
		make(
			"span",
			{ class: "muted" },
			` at ${rule.stage}, `,
			make("code", {}, shown(rule.where)),
		),
		rule.shadow
			? make("span", { class: "badge is-shadow" }, "shadow")
			: null,
		rule.would
			? make("div", { class: "muted" }, "not done: ", shown(rule.would))
			: null,
	);
}

function cause(filter) {
	const policy = filter.policy ? `; on-error ${filter.policy}` : "";

	return [
		filter.cause
			? make("div", { class: "troubles" }, shown(filter.cause), policy)
			: null,
		filter.rules.length
			? make("ul", { class: "plain" }, ...filter.rules.map(ruleItem))
			: null,
	];
}

function timeCell(filter, most) {
	const meter = make("span", { class: "meter", "aria-hidden": "true" }, make("span"));

	meter.firstChild.style.width = `${most > 0 ? (filter.time_us / most) * 100 : 0}%`;
	return cell("Time", { class: "number" }, duration(filter.time_us), meter);
}

function filterRow(filter, most) {
	return make(
		"tr",
		{ class: filter.stage ? null : "never" },
		make(
			"th",
			{ scope: "row" },
			shown(filter.name),
			filter.shadow ? make("span", { class: "badge is-shadow" }, "shadow") : null,
		),
		cell("Stage", {}, filter.stage ?? "not called"),
		cell("Verdict", {}, filter.verdict ? badge(filter.verdict) : "–"),
		timeCell(filter, most),
		cell("Why", {}, ...cause(filter)),
	);
}

function filters(explanation) {
	const most = Math.max(0, ...explanation.filters.map((filter) => filter.time_us));

	return part(
		"Filters",
		table(
			"What each filter did",
			["Filter", "Stage", "Verdict", "Time", "Why"],
			explanation.filters.map((filter) => filterRow(filter, most)),
		),
	);
}

// ---- results and score ----

function propertyItem([name, value]) {
	return make("li", {}, make("code", {}, shown(name)), "=", shown(value));
}

function resultRow(result) {
	const properties = Object.entries(result.properties ?? {});

	return make(
		"tr",
		{},
		make("th", { scope: "row" }, shown(result.method)),
		cell("Result", {}, shown(result.result)),
		cell("Reason", {}, shown(result.reason ?? "")),
		cell(
			"Properties",
			{},
			make("ul", { class: "plain" }, ...properties.map(propertyItem)),
		),
	);
}

function results(explanation) {
	if (!explanation.results?.length) return null;
	return part(
		"Results",
		table(
			"Results of the filters",
			["Method", "Result", "Reason", "Properties"],
			explanation.results.map(resultRow),
		),
	);
}

function score(explanation) {
	const symbols = Object.entries(explanation.symbols ?? {});

	if (!explanation.score && symbols.length === 0) return null;
	return part(
		`Score ${explanation.score}`,
		make(
			"ul",
			{ class: "tags" },
			...symbols.map(([name, points]) =>
				make(
					"li",
					{ class: "tag" },
					shown(name),
					` ${points > 0 ? "+" : ""}${points}`,
				),
			),
		),
	);
}

// ---- edits ----

function editText(edit) {
	const place = edit.index === undefined ? "" : ` [${edit.index}]`;
	const value = edit.value ?? edit.address ?? edit.reason;

	return make(
		"span",
		{},
		edit.name ? shown(edit.name) : null,
		edit.name ? `${place}` : null,
		edit.size !== undefined ? bytes(edit.size) : null,
		value !== undefined && value !== null ? (edit.name ? ": " : "") : null,
		value !== undefined && value !== null ? shown(value) : null,
		edit.arguments ? " " : null,
		edit.arguments ? shown(edit.arguments) : null,
	);
}

function editRow(edit) {
	const state = edit.shadow ? "shadow" : edit.dropped ? "dropped" : null;

	return make(
		"tr",
		{},
		make(
			"th",
			{ scope: "row" },
			edit.kind,
			state ? make("span", { class: `badge is-${state}` }, state) : null,
		),
		cell("What", { class: "wide" }, editText(edit)),
		cell("Filter", {}, shown(edit.filter)),
	);
}

function edits(explanation) {
	if (!explanation.edits?.length) return null;
	return part(
		"Edits",
		table(
			"Edits of the filters",
			["Edit", "What", "Filter"],
			explanation.edits.map(editRow),
		),
	);
}

// ---- queries of the DNS ----

function queryRow(query) {
	return make(
		"tr",
		{},
		make("th", { scope: "row" }, shown(query.name)),
		cell("Type", {}, query.type),
		cell("Answer", {}, query.status ?? "none, nobody waited"),
		cell("Time", {}, `${(query.time_us / 1000).toFixed(1)} ms`),
		cell("Filter", {}, shown(query.filter)),
	);
}

function queries(explanation) {
	if (!explanation.dns?.length) return null;
	return part(
		"Queries of the DNS",
		table(
			"Queries of the DNS",
			["Name", "Type", "Answer", "Time", "Filter"],
			explanation.dns.map(queryRow),
		),
	);
}

// ---- diff ----

const LINES = { "+": ["ins", "added"], "-": ["del", "removed"], "@": ["span", "place"] };

const NO_DIFFERENCE = "No header field and no address was changed, or edits are not kept.";

function diffLine(line) {
	const [name, kind] = LINES[line[0]] ?? ["span", "same"];

	return make(name, { class: `line-${kind}` }, shown(line), "\n");
}

function diff(value) {
	if (!value) return part("Difference", make("p", { class: "muted" }, NO_DIFFERENCE));
	return part(
		"Difference of what was received and what is delivered",
		make(
			"pre",
			{ class: "diff", tabindex: "0", "aria-label": "Difference" },
			...value.replace(/\n$/, "").split("\n").map(diffLine),
		),
	);
}

function why(explanation, difference) {
	return [
		filters(explanation),
		results(explanation),
		score(explanation),
		edits(explanation),
		queries(explanation),
		diff(difference),
	];
}

// ---- the view ----

const TOO_LARGE = "What the filters did was too much to be kept.";

const GONE = "It was never recorded, or newer messages have taken its place.";

export class Detail {
	#element = byId("message");
	#asked = null; // the message that is shown or on its way

	// Shows the message of the route, with a way back to its search; null: none.
	async show(route) {
		if (route === null) {
			this.#asked = null;
			return;
		}
		const back = address(route.search, { before: route.before });
		const another = this.#asked !== route.message;

		this.#asked = route.message;
		if (another) await this.#load(route.message, back);
	}

	async #load(id, back) {
		let content;

		try {
			content = this.#whole(
				await get(`api/messages/${encodeURIComponent(id)}`),
				id,
			);
		} catch (error) {
			content = [this.#failure(error)];
		}
		if (this.#asked !== id) return;
		this.#element.replaceChildren(
			make(
				"article",
				{ class: "panel message" },
				make("a", { href: back, class: "back" }, "← Messages"),
				...content,
			),
		);
		this.#element.querySelector("h2").focus();
	}

	#failure(error) {
		const gone = error.status === 404;

		return make(
			"div",
			{},
			make(
				"h2",
				{ tabindex: "-1" },
				gone ? "This message is not kept" : "The message cannot be shown",
			),
			make("p", {}, gone ? GONE : error.message),
		);
	}

	#whole({ summary, explanation, diff: difference }, id) {
		const subject = text(summary.subject);

		return [
			make(
				"h2",
				{ tabindex: "-1" },
				subject ??
					(summary.queue
						? make("span", {}, "Message ", shown(summary.queue))
						: "Message"),
			),
			verdict(summary, explanation ?? {}),
			envelope(summary),
			...(explanation
				? why(explanation, difference)
				: [part("Filters", make("p", { class: "muted" }, TOO_LARGE))]),
			make(
				"p",
				{},
				make(
					"a",
					{ href: `api/messages/${encodeURIComponent(id)}` },
					"As JSON",
				),
			),
		].filter((one) => one !== null);
	}
}
