// SPDX-License-Identifier: BSD-2-Clause
// Making elements, and texts for people of numbers and times. Every text goes in as a text node, so
// nothing that a message holds is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
	for (const [name, value] of Object.entries(attributes))
		if (value !== null && value !== undefined && value !== false)
			node.setAttribute(name, value === true ? "" : value);
	node.append(...children.filter((child) => child !== null && child !== undefined));
	return node;
}

// An element with attributes and children: elements, fragments or texts; null is left out.
export function make(name, attributes = {}, ...children) {
	return fill(document.createElement(name), attributes, children);
}

export function makeSvg(name, attributes = {}, ...children) {
	return fill(document.createElementNS(SVG, name), attributes, children);
}

export function byId(id) {
	return document.getElementById(id);
}

// Only when it differs, so that a poll that changes nothing costs no layout and no announcement.
export function setText(node, text) {
	if (node.textContent !== text) node.textContent = text;
}

// What would hide itself or turn the text around it: control characters, what has no width, and the
// marks and overrides of text direction.
const UNSEEN =
	/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

function mark(character) {
	const code = character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");

	return make(
		"span",
		{ class: "unseen", title: "a character that would not show" },
		`U+${code}`,
	);
}

// Text from outside as it is, in isolation from the direction of what stands beside it; characters
// that would not show appear by their code.
export function shown(text) {
	const whole = make("bdi");
	let plain = "";

	for (const character of String(text ?? "")) {
		if (UNSEEN.test(character)) {
			whole.append(plain, mark(character));
			plain = "";
		} else plain += character;
	}
	whole.append(plain);
	return whole;
}

// ---- numbers ----

export function count(number) {
	return (number ?? 0).toLocaleString("en");
}

// Three digits, or fewer.
export function brief(number) {
	if (number >= 100 || number === 0) return Math.round(number).toLocaleString("en");
	return number >= 10 ? number.toFixed(1) : number.toFixed(2);
}

// The same text without decimals that say nothing: 10 s for 10.0 s.
export function neat(text) {
	return text.replace(/\.0+(?=\D|$)/, "");
}

const TIMES = [
	[1e6, "s"],
	[1e3, "ms"],
	[1, "µs"],
];

export function duration(microseconds) {
	if (microseconds === null || microseconds === undefined) return "–";
	const [unit, name] = TIMES.find(([least]) => microseconds >= least) ?? [1, "µs"];

	return `${brief(microseconds / unit)} ${name}`;
}

const SIZES = [
	[2 ** 30, "GiB"],
	[2 ** 20, "MiB"],
	[2 ** 10, "KiB"],
];

export function bytes(number) {
	const [unit, name] = SIZES.find(([least]) => number >= least) ?? [1, "bytes"];

	return `${unit === 1 ? count(number) : brief(number / unit)} ${name}`;
}

// The two largest units of a time in seconds: 3 d 4 h.
export function span(seconds) {
	const parts = [];
	let left = Math.max(0, Math.floor(seconds));

	for (const [size, name] of [
		[86400, "d"],
		[3600, "h"],
		[60, "min"],
		[1, "s"],
	]) {
		if (left >= size) parts.push(`${Math.floor(left / size)} ${name}`);
		left %= size;
	}
	return parts.slice(0, 2).join(" ") || "0 s";
}

// ---- times ----

const clockFormat = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export function clock(milliseconds) {
	return clockFormat.format(milliseconds);
}

// Date and time of day, as in ISO 8601, in the reader's time zone.
export function moment(milliseconds) {
	const date = new Date(milliseconds);
	const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()];

	return `${day.map((part) => String(part).padStart(2, "0")).join("-")} ${clock(date)}`;
}

export function timeElement(milliseconds, text) {
	const iso = new Date(milliseconds).toISOString();

	return make("time", { datetime: iso, title: moment(milliseconds) }, text);
}

// ---- pieces that several views have ----

export function badge(verdict) {
	const known = /^[a-z]+$/.test(verdict ?? "") ? ` is-${verdict}` : "";

	return make("span", { class: `badge${known}` }, shown(verdict ?? "none"));
}

// A cell that says its column by itself where the table is shown as cards.
export function cell(label, attributes, ...children) {
	return make("td", { "data-label": label, ...attributes }, ...children);
}
