// SPDX-License-Identifier: BSD-2-Clause
// The page as a whole: which view is shown, the poll that feeds all of them, what is said while
// filterd cannot be reached, and the colours.
import { get } from "./api.js";
import { Detail } from "./detail.js";
import { byId, clock, setText, span } from "./dom.js";
import { Messages } from "./messages.js";
import { Overview } from "./overview.js";
import { Quarantine } from "./quarantine.js";
import { offerReload, prepareReload } from "./reload.js";
import { parse } from "./route.js";
import { Rules } from "./rules.js";
import { INTERVAL, Samples } from "./samples.js";

const CHAINS_EVERY = 15; // polls after which the chains are asked for even without a reload

const samples = new Samples();
const overview = new Overview();
const rules = new Rules();
const messages = new Messages();
const detail = new Detail();
const quarantine = new Quarantine();
let route = parse(location.hash);
let status = null; // the last answer of api/status
let chains = null; // the last answer of api/chains
let polls = 0;
let lost = null; // when the connection was lost

// ---- views ----

const TITLES = {
	overview: "Overview",
	rules: "Rules",
	quarantine: "Quarantine",
	messages: "Messages",
	message: "Message",
};

function showSections() {
	const inMessages = route.view === "messages" || route.view === "message";

	document.body.dataset.view = route.view;
	document.title = `${TITLES[route.view]} – filterd`;
	byId("overview").hidden = route.view !== "overview";
	byId("rules").hidden = route.view !== "rules";
	byId("quarantine").hidden = route.view !== "quarantine";
	byId("messages").hidden = !inMessages;
	byId("message").hidden = route.view !== "message";
	for (const link of document.querySelectorAll("nav [data-to]")) {
		const here = link.dataset.to === (inMessages ? "messages" : route.view);

		if (here) link.setAttribute("aria-current", "page");
		else link.removeAttribute("aria-current");
	}
}

function showRoute() {
	const inMessages = route.view === "messages" || route.view === "message";

	showSections();
	messages.show(inMessages ? route : null);
	detail.show(route.view === "message" ? route : null);
	quarantine.show(route.view === "quarantine");
	feed();
}

// A hidden view is not drawn; it is when it is shown.
function feed() {
	if (!status || !chains) return;
	if (route.view === "overview") overview.update(status, samples);
	if (route.view === "rules") rules.update(status);
}

// ---- the poll ----

function about() {
	const counting = status.listeners.length ? "" : " · nothing is counted (metrics off)";

	setText(
		byId("about"),
		`${status.version} · generation ${status.generation} · up ` +
			`${span(status.time_ms / 1000 - status.started)}${counting}`,
	);
}

// Without a history there is nothing to search; an address of it still says so.
function offerMessages(history) {
	const kept = history ?? { keep: 0 };

	document.querySelector("nav [data-to=messages]").hidden = kept.keep === 0;
	messages.configure(kept);
}

async function askChains() {
	const answer = await get("api/chains");

	if (JSON.stringify(answer) === JSON.stringify(chains)) return;
	chains = answer;
	offerReload(chains.reload);
	offerMessages(chains.history);
	document.querySelector("nav [data-to=quarantine]").hidden = !chains.quarantine;
	overview.build(chains);
}

async function look() {
	const answer = await get("api/status");
	const isNew =
		!status ||
		answer.generation !== status.generation ||
		answer.started !== status.started;

	status = answer;
	samples.add(status);
	if (isNew || lost !== null || polls % CHAINS_EVERY === 0) await askChains();
	about();
	feed();
	await messages.poll();
	await quarantine.poll();
}

function sayLost(error) {
	const since = clock(lost);
	const old = status ? ` What is shown is as of ${clock(status.time_ms)}.` : "";

	byId("outage").hidden = false;
	setText(
		byId("outage"),
		`filterd cannot be reached since ${since}: ${error.message}. Trying again.${old}`,
	);
	document.body.classList.add("stale");
}

function sayFound() {
	byId("outage").hidden = true;
	setText(byId("outage"), "");
	setText(byId("announce"), "filterd can be reached again.");
	document.body.classList.remove("stale");
}

async function poll() {
	try {
		await look();
		if (lost !== null) sayFound();
		lost = null;
	} catch (error) {
		lost ??= Date.now();
		sayLost(error);
	}
	polls++;
	setTimeout(poll, INTERVAL);
}

// ---- colours ----

// What the reader has chosen stays with the browser, where it lets a page keep something.
function stored(value) {
	try {
		if (value !== undefined) localStorage.setItem("filterd-theme", value);
		return localStorage.getItem("filterd-theme") ?? "";
	} catch {
		return value ?? "";
	}
}

function paint(theme) {
	if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
	else delete document.documentElement.dataset.theme;
	byId("theme").value = document.documentElement.dataset.theme ?? "";
}

// ---- start ----

byId("theme").addEventListener("change", (event) => paint(stored(event.target.value)));
byId("skip").addEventListener("click", (event) => {
	event.preventDefault(); // the address is that of the view
	byId("main-part").focus();
});
window.addEventListener("hashchange", () => {
	route = parse(location.hash);
	showRoute();
});
window.addEventListener("resize", feed);
paint(stored());
prepareReload();
messages.show(null);
showRoute();
poll();
