// SPDX-License-Identifier: BSD-2-Clause
// The address after #: a view, or what to search for and which message to show, so that each state
// of the page has an address, and the back button works.
//   #overview  #rules  #quarantine  #messages  #queue=4Qx&verdict=reject  #message=17&queue=4Qx

export const KEYS = ["queue", "sender", "recipient", "client", "verdict", "rule", "text"];

// The route of an address: { view, search, before, message }; before and message may be null.
export function parse(hash) {
	const text = hash.replace(/^#/, "");
	const given = new URLSearchParams(text);
	const search = Object.fromEntries(
		KEYS.flatMap((key) => (given.get(key) ? [[key, given.get(key)]] : [])),
	);
	const message = given.get("message") || null;
	const before = given.get("before") || null;
	const isMessages =
		text === "messages" || message || before || Object.keys(search).length > 0;

	if (isMessages) return { view: message ? "message" : "messages", search, before, message };
	return {
		view: ["rules", "quarantine"].includes(text) ? text : "overview",
		search: {},
		before: null,
		message: null,
	};
}

// The address of a search, a page of it and a message in it.
export function address(search, { before = null, message = null } = {}) {
	const given = new URLSearchParams();

	if (message !== null) given.set("message", message);
	for (const key of KEYS) if (search[key]) given.set(key, search[key]);
	if (before !== null) given.set("before", before);
	return `#${given.toString() || "messages"}`;
}
