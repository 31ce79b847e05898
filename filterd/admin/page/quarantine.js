// SPDX-License-Identifier: BSD-2-Clause
// The quarantine store: what it holds, to be searched, and why each message is there.
import { get } from "./api.js";
import { badge, byId, bytes, cell, count, make, moment, setText, shown, timeElement } from "./dom.js";

const KEYS = ["sender", "recipient", "subject", "rule"];

function linesOf(texts) {
	return texts.flatMap((text, i) => (i ? [make("br"), shown(text)] : [shown(text)]));
}

function why(entry) {
	const reason = entry.reason ? shown(entry.reason) : "";

	return [shown([entry.filter, ...(entry.rules ?? [])].join(": ")), make("br"), reason];
}

// An address of an entry, which is an object where it is no UTF-8.
function addressText(address) {
	return typeof address.address === "string" ? address.address : JSON.stringify(address.address);
}

export class Quarantine {
	#shown = false;
	#drawn = "";

	constructor() {
		byId("quarantine-form").addEventListener("submit", (event) => {
			event.preventDefault();
			this.poll();
		});
		byId("quarantine-form").addEventListener("input", () => this.poll());
	}

	async show(isShown) {
		this.#shown = isShown;
		await this.poll();
	}

	async poll() {
		if (!this.#shown) return;
		const form = new FormData(byId("quarantine-form"));
		const search = Object.fromEntries(KEYS.map((key) => [key, form.get(key) ?? ""]));

		try {
			this.#draw(await get("api/quarantine", search));
		} catch (error) {
			setText(byId("quarantine-count"), error.message);
		}
	}

	// Nothing is touched when nothing has changed, so that the focus stays.
	#draw(answer) {
		const drawn = JSON.stringify(answer);

		if (drawn === this.#drawn) return;
		this.#drawn = drawn;
		setText(
			byId("quarantine-count"),
			`${count(answer.messages.length)} of ${count(answer.total)} messages`,
		);
		byId("quarantine-rows").replaceChildren(...answer.messages.map((one) => this.#row(one)));
	}

	#row(one) {
		const open = make("button", { type: "button", class: "opener" }, shown(one.subject || one.id));

		open.addEventListener("click", () => this.#open(one.id));
		return make(
			"tr",
			{},
			cell("Time", {}, timeElement(one.time * 1000, moment(one.time * 1000))),
			cell("State", {}, badge(one.state)),
			make("th", { scope: "row" }, open),
			cell("From and to", {}, ...linesOf([one.sender || "<>", ...one.recipients])),
			cell("Why", {}, ...why(one)),
			cell("Size", { class: "number" }, bytes(one.size)),
		);
	}

	async #open(id) {
		const place = byId("quarantine-entry");

		try {
			const entry = await get(`api/quarantine/${encodeURIComponent(id)}`);
			const title = make("h2", { tabindex: "-1" }, shown(entry.subject || entry.id));
			const known = {
				Id: entry.id,
				State: entry.state,
				Error: entry.release?.error,
				Sender: addressText(entry.sender),
				Recipients: entry.recipients.map(addressText).join(" "),
				Client: `${entry.client_name ?? ""} ${entry.client_address ?? ""}`,
				Queue: entry.queue,
				Release: `filterd quarantine release ${entry.id}`,
			};
			const list = make(
				"dl",
				{},
				...Object.entries(known)
					.filter(([, value]) => value)
					.flatMap(([name, value]) => [
						make("dt", {}, name),
						make("dd", {}, shown(value)),
					]),
			);
			const explanation = make("pre", { tabindex: "0" });

			for (const line of JSON.stringify(entry.explanation, null, 2).split("\n"))
				explanation.append(shown(line), "\n");
			place.replaceChildren(title, list, make("h3", {}, "Explanation"), explanation);
			place.hidden = false;
			title.focus();
		} catch (error) {
			place.replaceChildren(make("p", {}, error.message));
			place.hidden = false;
		}
	}
}
