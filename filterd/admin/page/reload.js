// SPDX-License-Identifier: BSD-2-Clause
// The dialog that reloads the configuration. The token is kept in the field alone, so it is gone
// with the page; it is cleared when it was wrong.
import { reload } from "./api.js";
import { byId, setText } from "./dom.js";

function say(text, good) {
	const answer = byId("reload-answer");

	answer.hidden = false;
	answer.className = good ? "good" : "bad";
	setText(answer, text);
}

async function send() {
	const field = byId("reload-token");

	byId("reload-go").disabled = true;
	say("Loading…", true);
	try {
		const answer = await reload(field.value.trim());

		say(answer.text.trim() || `status ${answer.status}`, answer.ok);
		if (answer.status === 401) field.value = "";
	} catch (error) {
		say(error.message, false);
	}
	byId("reload-go").disabled = false;
}

export function prepareReload() {
	const dialog = byId("reload");

	byId("reload-open").addEventListener("click", () => {
		byId("reload-answer").hidden = true;
		dialog.showModal();
	});
	byId("reload-close").addEventListener("click", () => dialog.close());
	byId("reload-form").addEventListener("submit", (event) => {
		event.preventDefault();
		send();
	});
}

// Whether the daemon takes reloads over HTTP at all.
export function offerReload(offered) {
	byId("reload-open").hidden = !offered;
}
