// html/chart.js: figures over time as lines, in SVG.

import { element } from './table.js';

const NS = 'http://www.w3.org/2000/svg';

function svg(tag, attributes) {
    const e = document.createElementNS(NS, tag);

    for (const [name, value] of Object.entries(attributes)) {
        e.setAttribute(name, value);
    }

    return e;
}

// the next of 1, 2, 5, 10 ... in steps of the unit's base
function ceiling(n, base) {
    if (n <= 0) {
        return 0;
    }

    const unit = base ** Math.floor(Math.log(n) / Math.log(base));
    let step = unit;

    for (const m of [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]) {
        step = unit * m;
        if (step >= n) {
            break;
        }
    }

    return step;
}

// [[x, y], ...] as a path; a gap in time is a gap in the line
function line(points, gap) {
    let d = '', last = -Infinity;

    for (const [x, y] of points) {
        d += (x - last > gap ? 'M' : 'L') + x.toFixed(1) + ' ' + y.toFixed(1);
        last = x;
    }

    return d;
}

// the same down to the floor, each piece closed
function area(points, gap, floor) {
    let d = '', last = null;

    for (const [x, y] of points) {
        if (!last || x - last[0] > gap) {
            d += last ? 'V' + floor + 'Z' : '';
            d += 'M' + x.toFixed(1) + ' ' + floor;
        }

        d += 'L' + x.toFixed(1) + ' ' + y.toFixed(1);
        last = [x, y];
    }

    return d + (last ? 'V' + floor + 'Z' : '');
}

const WIDTH = 600, HEIGHT = 110;

//
// series: [{ name, class, of(sample), unit(number) }]; one scale for all.
//
export class Chart {
    constructor(title, series, span, base) {
        this.series = series;
        this.span = span;
        this.base = base;

        this.svg = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
            preserveAspectRatio: 'none', 'aria-hidden': 'true' });

        for (const y of [0.5, HEIGHT / 2, HEIGHT - 0.5]) {
            this.svg.append(svg('path', { d: `M0 ${y}H${WIDTH}`,
                class: 'grid' }));
        }

        this.lines = series.map((s) => {
            const fill = svg('path', { class: 'area ' + s.class });
            const stroke = svg('path', { class: 'line ' + s.class });

            this.svg.append(fill, stroke);
            return { fill, stroke };
        });

        this.values = series.map(() => element('b', {}, '–'));
        this.top = element('span', { class: 'max' });
        const minutes = span / 60000;
        const legend = element('p', { class: 'legend' });

        series.forEach((s, i) => {
            legend.append(element('span', {},
                element('i', { class: s.class }), s.name + ' ',
                this.values[i]));
        });

        this.root = element('figure', { class: 'panel chart' },
            element('figcaption', {}, element('span', {}, title), legend),
            element('div', { class: 'plot' }, this.svg, this.top),
            element('div', { class: 'axis', 'aria-hidden': 'true' },
                element('span', {}, `${minutes} min ago`),
                element('span', {}, 'now')));
    }

    draw(samples, now) {
        const shown = samples.filter((s) => now - s.at <= this.span);
        const most = Math.max(0, ...shown.flatMap((s) =>
            this.series.map((r) => r.of(s))));
        const top = ceiling(most, this.base);
        const gap = 10000 / this.span * WIDTH;
        const last = shown[shown.length - 1];

        this.series.forEach((r, i) => {
            const points = shown.map((s) => [
                WIDTH - (now - s.at) / this.span * WIDTH,
                HEIGHT - 1 - (top ? r.of(s) / top : 0) * (HEIGHT - 4)]);

            this.lines[i].stroke.setAttribute('d', line(points, gap));
            this.lines[i].fill.setAttribute('d', area(points, gap, HEIGHT));
            this.values[i].textContent = last ? r.unit(r.of(last)) : '–';
        });

        this.top.textContent = top
            ? this.series[0].unit(top).replace(/\.0+(?= |$)/, '') : '';
    }
}

// a line without words, for a cell of a table
export class Spark {
    constructor(n) {
        this.n = n;
        this.values = [];
        this.path = svg('path', { class: 'line' });
        this.root = svg('svg', { viewBox: '0 0 80 18', class: 'spark',
            preserveAspectRatio: 'none', 'aria-hidden': 'true' });
        this.root.append(this.path);
        this.was = '';
    }

    push(value) {
        this.values.push(value);
        if (this.values.length > this.n) {
            this.values.shift();
        }

        const most = Math.max(...this.values);
        const d = most <= 0 ? '' : line(this.values.map((v, i) => [
            80 - (this.values.length - 1 - i) / (this.n - 1) * 80,
            17 - v / most * 15]), Infinity).replace('L', 'M');

        if (d !== this.was) {
            this.was = d;
            this.path.setAttribute('d', d);
        }
    }
}
