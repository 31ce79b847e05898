// SPDX-License-Identifier: BSD-2-Clause
// Charts in SVG: values over time (lines, or areas that stand on each other), histograms of call
// times, and sparklines. Colours come from the style sheet, by the class `kind-KIND` of a series.
import { clock, duration, make, makeSvg, neat, setText } from "./dom.js";
import { bound } from "./samples.js";

const LEAST_SPAN = 120000; // milliseconds that the axis of time shows at least
const EDGE = { left: 46, right: 8, top: 8, bottom: 20 };

// ---- scales ----

// A round number of steps that covers `most`, at most five of them.
function roundStep(most) {
	const power = 10 ** Math.floor(Math.log10(most / 4));

	return [1, 2, 2.5, 5, 10].map((one) => one * power).find((step) => most / step <= 4);
}

function linearTicks(most) {
	const step = roundStep(Math.max(most, 0.4));
	const top = Math.ceil(Math.max(most, 0.4) / step);

	return Array.from({ length: top + 1 }, (_, i) => i * step);
}

// Powers of ten around the values.
function logTicks(values) {
	const low = Math.floor(Math.log10(Math.max(1, Math.min(...values))));
	const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(1, ...values))));

	return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}

function scale(from, to, start, end, log) {
	const map = log ? Math.log10 : (value) => value;
	const [low, high] = [map(from), map(to)];

	return (value) =>
		start +
		((map(Math.max(value, log ? from : value)) - low) / (high - low || 1)) *
			(end - start);
}

// ---- paths ----

// A line through the points, broken where there is none (null).
function linePath(points) {
	let pen = "M";

	return points
		.map((point) => {
			const piece = point
				? `${pen}${point[0].toFixed(1)} ${point[1].toFixed(1)}`
				: "";

			pen = point ? "L" : "M";
			return piece;
		})
		.join("");
}

// The runs of points between nulls, each a list of indices.
function runs(values) {
	const found = [[]];

	values.forEach((value, i) => {
		if (value === null) found.push([]);
		else found.at(-1).push(i);
	});
	return found.filter((run) => run.length > 0);
}

function areaPath(xs, low, high, y) {
	return runs(high)
		.map((run) => {
			const there = run.map((i) => [xs[i], y(high[i])]);
			const back = run.map((i) => [xs[i], y(low[i] ?? 0)]).reverse();

			return `${linePath([...there, ...back])}Z`;
		})
		.join("");
}

// Each series on top of the ones before it.
function stack(values) {
	let below = values[0].map((value) => (value === null ? null : 0));

	return values.map((series) => {
		const low = below;

		below = series.map((value, i) => (value === null ? null : low[i] + value));
		return { low, high: below };
	});
}

// ---- values over time ----

export class TimeChart {
	#times = [];
	#values = [];
	#chosen = null; // index of the time that the reader points at
	#marks = new Map(); // by name of series, the element of its value in the legend

	// `series`: [{ name, kind }], drawn from the first up. `stacked`: as areas; else as lines on
	// a scale of powers of ten. `format` makes a value readable.
	constructor({ label, series, stacked, format, height = 180 }) {
		Object.assign(this, { label, series, stacked, format, height });
		this.svg = makeSvg("svg", { class: "chart", height, role: "img", tabindex: "0" });
		this.when = make("span", { class: "when" });
		this.legend = make("figcaption", { class: "legend" }, this.when);
		for (const one of series) this.legend.append(this.#legendItem(one));
		this.element = make("figure", {}, this.svg, this.legend);
		this.svg.addEventListener("pointermove", (event) => this.#pointAt(event));
		this.svg.addEventListener("pointerleave", () => this.#choose(null));
		this.svg.addEventListener("blur", () => this.#choose(null));
		this.svg.addEventListener("keydown", (event) => this.#key(event));
	}

	#legendItem(one) {
		const value = make("b");

		this.#marks.set(one.name, value);
		return make(
			"span",
			{ class: "key" },
			make("i", { class: `swatch kind-${one.kind}` }),
			`${one.name} `,
			value,
		);
	}

	// `values`: for each series a list as long as `times`, in it null where nothing is known.
	draw(times, values) {
		this.#times = times;
		this.#values = values;
		if (this.#chosen !== null && this.#chosen >= times.length) this.#chosen = null;
		this.#paint();
	}

	#paint() {
		const width = Math.max(240, this.svg.clientWidth || 600);

		this.width = width;
		this.svg.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
		this.svg.replaceChildren();
		if (this.#times.length === 0) {
			this.svg.append(
				makeSvg(
					"text",
					{ x: width / 2, y: this.height / 2, class: "middle" },
					"collecting…",
				),
			);
		} else this.#paintData();
		this.#tell();
	}

	#paintData() {
		const layers = this.stacked
			? stack(this.#values)
			: this.#values.map((high) => ({ high }));
		const all = layers.flatMap((layer) => layer.high).filter((value) => value !== null);
		const ticks = this.stacked
			? linearTicks(Math.max(0, ...all))
			: logTicks(all.length ? all : [1]);
		const last = this.#times.at(-1);
		const first = Math.min(this.#times[0], last - LEAST_SPAN);
		const y = scale(
			ticks[0],
			ticks.at(-1),
			this.height - EDGE.bottom,
			EDGE.top,
			!this.stacked,
		);

		this.x = scale(first, last, EDGE.left, this.width - EDGE.right, false);
		this.#paintAxes(ticks, y, first, last);
		const xs = this.#times.map(this.x);
		layers.forEach((layer, i) =>
			this.svg.append(this.#shape(layer, xs, y, this.series[i].kind)),
		);
		this.#paintCrosshair(layers, xs, y);
	}

	#shape({ low, high }, xs, y, kind) {
		if (this.stacked)
			return makeSvg("path", {
				d: areaPath(xs, low, high, y),
				class: `area kind-${kind}`,
			});
		const points = high.map((value, i) => (value === null ? null : [xs[i], y(value)]));

		return makeSvg("path", { d: linePath(points), class: `line kind-${kind}` });
	}

	#paintAxes(ticks, y, first, last) {
		const right = this.width - EDGE.right;

		for (const tick of ticks) {
			this.svg.append(
				makeSvg("line", {
					x1: EDGE.left,
					x2: right,
					y1: y(tick),
					y2: y(tick),
					class: "grid",
				}),
			);
			this.svg.append(
				makeSvg(
					"text",
					{ x: EDGE.left - 6, y: y(tick) + 4, class: "end" },
					neat(this.format(tick)),
				),
			);
		}
		for (const [part, anchor] of [
			[0, ""],
			[0.5, "middle"],
			[1, "end"],
		]) {
			const time = first + (last - first) * part;

			this.svg.append(
				makeSvg(
					"text",
					{ x: this.x(time), y: this.height - 4, class: anchor },
					clock(time),
				),
			);
		}
	}

	#paintCrosshair(layers, xs, y) {
		const i = this.#chosen;

		if (i === null) return;
		this.svg.append(
			makeSvg("line", {
				x1: xs[i],
				x2: xs[i],
				y1: EDGE.top,
				y2: this.height - EDGE.bottom,
				class: "crosshair",
			}),
		);
		layers.forEach(({ high }, s) => {
			if (high[i] !== null)
				this.svg.append(
					makeSvg("circle", {
						cx: xs[i],
						cy: y(high[i]),
						r: 3,
						class: `dot kind-${this.series[s].kind}`,
					}),
				);
		});
	}

	// The values of the chosen time, or of the last one, in the legend.
	#tell() {
		const i = this.#chosen ?? this.#times.length - 1;
		const said = this.series.map((one, s) => {
			const value = this.#values[s]?.[i] ?? null;
			const text = value === null ? "–" : this.format(value);

			setText(this.#marks.get(one.name), text);
			return `${one.name} ${text}`;
		});

		setText(this.when, this.#chosen === null ? "now" : clock(this.#times[i]));
		this.svg.setAttribute(
			"aria-label",
			`${this.label}: ${said.join(", ")}.` +
				" Left and right arrow keys show earlier values.",
		);
	}

	#choose(index) {
		if (index === this.#chosen) return;
		this.#chosen = index;
		this.#paint();
	}

	#pointAt(event) {
		if (this.#times.length === 0) return;
		const box = this.svg.getBoundingClientRect();
		const x = ((event.clientX - box.left) * this.width) / box.width;
		const far = this.#times.map((time) => Math.abs(this.x(time) - x));

		this.legend.removeAttribute("aria-live");
		this.#choose(far.indexOf(Math.min(...far)));
	}

	#key(event) {
		const last = this.#times.length - 1;
		const steps = {
			ArrowLeft: -1,
			ArrowRight: 1,
			PageUp: -15,
			PageDown: 15,
			Home: -last,
			End: last,
		};

		if (event.key === "Escape") this.#choose(null);
		if (!(event.key in steps) || last < 0) return;
		event.preventDefault();
		this.legend.setAttribute("aria-live", "polite");
		const next = (this.#chosen ?? last) + steps[event.key];

		this.#choose(Math.min(last, Math.max(0, next)));
	}
}

// ---- histogram ----

const BARS = 120; // height in pixels

function bar(calls, most, i, width, name) {
	const height = calls > 0 ? Math.max(2, (calls / most) * (BARS - EDGE.top)) : 0;

	return makeSvg(
		"rect",
		{
			x: i * width + 1,
			y: BARS - height,
			width: Math.max(1, width - 2),
			height,
			class: "bar",
		},
		makeSvg("title", {}, name),
	);
}

// The buckets from the one before the first that has calls to the one after the last.
function usedPart(buckets) {
	const used = buckets.flatMap((calls, i) => (calls > 0 ? [i] : []));
	const from = Math.max(0, (used[0] ?? 0) - 1);

	return { from, part: buckets.slice(from, (used.at(-1) ?? 0) + 2) };
}

// The calls in each bucket.
export function histogram(svg, buckets, label) {
	const { from, part } = usedPart(buckets);
	const wide = Math.max(240, svg.clientWidth || 300);
	const width = wide / part.length;
	const most = Math.max(1, ...part);

	svg.setAttribute("viewBox", `0 0 ${wide} ${BARS + EDGE.bottom}`);
	svg.setAttribute("aria-label", label);
	svg.replaceChildren(
		makeSvg("line", { x1: 0, x2: wide, y1: BARS, y2: BARS, class: "grid" }),
	);
	part.forEach((calls, i) => {
		const limit = neat(duration(bound(from + i)));

		svg.append(bar(calls, most, i, width, `up to ${limit}: ${calls}`));
		if (i % Math.ceil(part.length / 5) === 0)
			svg.append(
				makeSvg(
					"text",
					{ x: (i + 0.5) * width, y: BARS + 15, class: "middle" },
					`≤ ${limit}`,
				),
			);
	});
}

// ---- sparkline ----

export function sparkline(svg, values) {
	const [width, height] = [96, 22];
	const known = values.filter((value) => value !== null);
	const most = Math.max(1, ...known);
	const x = scale(0, Math.max(1, values.length - 1), 1, width - 1, false);
	const y = scale(0, most, height - 2, 2, false);
	const points = values.map((value, i) => (value === null ? null : [x(i), y(value)]));

	svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
	svg.replaceChildren(makeSvg("path", { d: linePath(points), class: "line kind-p99" }));
}
