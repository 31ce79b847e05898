// SPDX-License-Identifier: BSD-2-Clause
// What the last minutes of /api/status say: counts become rates, histograms become quantiles of
// what came between two samples. Only the numbers that charts need are kept.

export const INTERVAL = 2000; // milliseconds between two samples
const KEPT = 300; // samples: ten minutes
const GAP = 4 * INTERVAL; // samples further apart are not joined by a line
const WINDOW = 5; // samples over which a quantile is taken

export const VERDICTS = ["accept", "quarantine", "discard", "tempfail", "reject", "aborted"];

// Upper bound of a bucket in microseconds; the last one has none.
export function bound(bucket) {
	return 2 ** bucket;
}

// The time below which the part of the calls stayed, as `filterd status` has it; null: no call.
function quantile(buckets, part) {
	const total = buckets.reduce((sum, calls) => sum + calls, 0);
	const last = buckets.length - 1;
	let below = 0;

	if (total === 0) return null;
	for (let i = 0; i < last; i++) {
		const low = i > 0 ? bound(i - 1) : 0;

		if (buckets[i] > 0 && below + buckets[i] >= part * total)
			return low + ((bound(i) - low) * (part * total - below)) / buckets[i];
		below += buckets[i];
	}
	return bound(last - 1);
}

function reduced(status) {
	const listeners = status.listeners.map((listener) => [
		listener.name,
		{
			messages: listener.messages,
			end: listener.end_of_message_time.buckets,
			filters: new Map(
				listener.filters.map((one) => [one.name, one.call_time.buckets]),
			),
		},
	]);

	return { time: status.time_ms, listeners: new Map(listeners) };
}

// A count can only have grown; one that has shrunk began anew.
function grown(before, after) {
	return after >= before ? after - before : after;
}

function difference(before, after) {
	return before ? after.map((calls, i) => grown(before[i], calls)) : after;
}

export class Samples {
	#started = null;
	#kept = [];

	// A status; one of another start of the daemon begins anew.
	add(status) {
		if (this.#started !== status.started) this.#kept = [];
		this.#started = status.started;
		if (this.#kept.at(-1)?.time >= status.time_ms) return;
		this.#kept.push(reduced(status));
		this.#kept.splice(0, this.#kept.length - KEPT);
	}

	// The times that the series below belong to.
	get times() {
		return this.#kept.slice(1).map((sample) => sample.time);
	}

	// For each time what `work` makes of it and an earlier sample; null across a gap.
	#series(back, work) {
		return this.#kept.slice(1).map((now, i) => {
			if (now.time - this.#kept[i].time > GAP) return null;
			return work(this.#kept[Math.max(0, i + 1 - back)], now);
		});
	}

	// Messages a second with that verdict, of a listener or (null) of all.
	rates(verdict, name) {
		const sum = (before, now) =>
			[...now.listeners].reduce((total, [key, listener]) => {
				const old = before.listeners.get(key)?.messages[verdict] ?? 0;

				return name === null || name === key
					? total + grown(old, listener.messages[verdict] ?? 0)
					: total;
			}, 0);

		return this.#series(
			1,
			(before, now) => (sum(before, now) * 1000) / (now.time - before.time),
		);
	}

	// Calls of a filter a second.
	callRate(name, filter) {
		const calls = (before, now) => {
			const new_ = now.listeners.get(name)?.filters.get(filter);
			const old = before.listeners.get(name)?.filters.get(filter);

			return new_ ? difference(old, new_).reduce((sum, one) => sum + one, 0) : 0;
		};

		return this.#series(
			WINDOW,
			(before, now) => (calls(before, now) * 1000) / (now.time - before.time),
		);
	}

	// A quantile of a filter's calls in microseconds; filter null: of the end of a message.
	latency(part, name, filter) {
		const of = (sample) => {
			const listener = sample.listeners.get(name);

			return filter === null ? listener?.end : listener?.filters.get(filter);
		};

		return this.#series(WINDOW, (before, now) =>
			of(now) ? quantile(difference(of(before), of(now)), part) : null,
		);
	}

	// The buckets of all listeners' ends of message together, over the last window.
	#allEnds(before, now) {
		const each = [...now.listeners].map(([name, listener]) =>
			difference(before.listeners.get(name)?.end, listener.end),
		);

		return each.reduce(
			(sum, one) => sum.map((calls, i) => calls + one[i]),
			new Array(each[0]?.length ?? 1).fill(0),
		);
	}

	// A quantile of the ends of message of a listener, or (null) of all.
	wait(part, name) {
		if (name !== null) return this.latency(part, name, null);
		return this.#series(WINDOW, (before, now) =>
			quantile(this.#allEnds(before, now), part),
		);
	}
}
