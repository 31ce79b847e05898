// SPDX-License-Identifier: BSD-2-Clause
// Asking the admin process. An answer that does not come, comes too late or is no JSON is an Error
// whose message can be shown.

const PATIENCE = 8000; // milliseconds for a question
const RELOAD_PATIENCE = 180000; // workers have two minutes to get ready

async function ask(path, options, patience) {
	try {
		return await fetch(path, {
			cache: "no-store",
			credentials: "same-origin",
			redirect: "error",
			signal: AbortSignal.timeout(patience),
			...options,
		});
	} catch (error) {
		const late = error.name === "TimeoutError";

		throw new Error(late ? "no answer in time" : "no connection", { cause: error });
	}
}

async function answerOf(response) {
	try {
		return await response.json();
	} catch (error) {
		throw new Error(`an answer that is no JSON (${response.status})`, { cause: error });
	}
}

// The object at the path; parameters that are empty are left out.
export async function get(path, parameters = {}) {
	const given = Object.entries(parameters).filter(
		([, value]) => value !== "" && value !== null,
	);
	const query = new URLSearchParams(given).toString();
	const response = await ask(query ? `${path}?${query}` : path, {}, PATIENCE);
	const answer = await answerOf(response);

	if (!response.ok)
		throw Object.assign(new Error(answer.error ?? `status ${response.status}`), {
			status: response.status,
		});
	return answer;
}

// What became of a reload: the status of the answer, and its text.
export async function reload(token) {
	const headers = { Authorization: `Bearer ${token}` };
	const response = await ask("api/reload", { method: "POST", headers }, RELOAD_PATIENCE);
	const answer = await answerOf(response);

	return {
		ok: response.ok,
		status: response.status,
		text: answer.text ?? answer.error ?? "",
	};
}
