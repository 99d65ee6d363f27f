// html/page.js: asks /status every two seconds and shows it.  Whatever comes
// from there is somebody's text and enters the page as text only.

import { age, bytes, count, plural, rate } from './format.js';
import { $, element, text } from './table.js';
import { Chart } from './chart.js';
import { showChains, showServices, showWorkers } from './views.js';

const EVERY = 2000; // ms from an answer to the next question
const PATIENCE = 6000; // ms for an answer
const SPAN = 5 * 60000; // ms that the charts show

// without the user of an address like http://user:pass@host/
const base = location.origin + location.pathname.replace(/[^/]*$/, '');

const state = {
    samples: [], // { at, in, out, conns, opened, tunnels }
    last: null, // the last answer
    before: null, // the one before
    seen: 0, // when
    lostSince: 0,
    paused: false,
    timer: 0,
    asking: false,
    waits: 0, // failures in a row
};

// --- rates ---

const totals = (s) => s.services.reduce((t, r) => ({
    in: t.in + r.inputBytes,
    out: t.out + r.outputBytes,
    opened: t.opened + r.totalConns,
    errors: t.errors + r.totalErrs,
    now: t.now + r.currentConns,
}), { in: 0, out: 0, opened: 0, errors: 0, now: 0 });

// what a figure grew by in a second; nothing goes back but with a new gatun
function perSecond(now, before, seconds) {
    return seconds > 0 ? Math.max(0, now - before) / seconds : 0;
}

function follow(s) {
    const old = state.last;
    const isNew = !old || old.pid !== s.pid && s.uptime < old.uptime;

    state.before = isNew ? null : old;
    state.last = s;

    if (isNew) {
        state.samples = [];
    }

    const known = new Map((state.before?.services ?? [])
        .map((r) => [r.name, r]));
    const seconds = state.before
        ? (s.timestamp - state.before.timestamp) / 1000 : 0;

    for (const r of s.services) {
        const was = known.get(r.name) ?? r;

        r.key = r.name;
        r.inRate = perSecond(r.inputBytes, was.inputBytes, seconds);
        r.outRate = perSecond(r.outputBytes, was.outputBytes, seconds);
        r.openRate = perSecond(r.totalConns, was.totalConns, seconds);
    }

    if (state.before) {
        const sum = (key) => s.services.reduce((t, r) => t + r[key], 0);

        state.samples.push({
            at: Date.now(), in: sum('inRate'), out: sum('outRate'),
            opened: sum('openRate'), conns: totals(s).now,
            tunnels: s.total.tunnels,
        });
    }

    while (state.samples.length > 2 * SPAN / EVERY) {
        state.samples.shift();
    }
}

// --- the top ---

const tiles = new Map();

function tile(id, title, shown, value, kind) {
    let t = tiles.get(id);

    if (!t) {
        t = { value: element('dd', { id: 'tile-' + id }) };
        t.root = element('div', { class: 'panel tile' },
            element('dt', {}, title), t.value);
        tiles.set(id, t);
        $('tiles').append(t.root);
    }

    if (t.shown !== shown) {
        t.shown = shown;
        t.value.textContent = shown;
    }

    t.value.dataset.value = value;
    t.value.className = kind ?? '';
}

const charts = [
    new Chart('Traffic', [
        { name: 'from clients', class: 'a', of: (s) => s.in,
            unit: (n) => bytes(n) + '/s' },
        { name: 'to clients', class: 'b', of: (s) => s.out,
            unit: (n) => bytes(n) + '/s' },
    ], SPAN, 1024),
    new Chart('Connections', [
        { name: 'now', class: 'a', of: (s) => s.conns,
            unit: (n) => rate(n) },
        { name: 'new a second', class: 'b', of: (s) => s.opened,
            unit: (n) => rate(n) },
    ], SPAN, 10),
];

$('charts').append(...charts.map((c) => c.root));

function showNow(s) {
    const sum = totals(s);
    const last = state.samples[state.samples.length - 1];
    const waiting = '–';

    tile('connections', 'Connections', count(sum.now), sum.now);
    tile('tunnels', 'Tunnels', count(s.total.tunnels), s.total.tunnels);
    tile('opened', 'New a second', last ? rate(last.opened) : waiting,
        last?.opened ?? '');
    tile('in', 'From clients', last ? bytes(last.in) + '/s' : waiting,
        sum.in);
    tile('out', 'To clients', last ? bytes(last.out) + '/s' : waiting,
        sum.out);
    tile('total', 'Since the start', count(sum.opened), sum.opened);
    tile('errors', 'Errors', count(sum.errors), sum.errors,
        sum.errors ? 'warn' : '');

    for (const chart of charts) {
        chart.draw(state.samples, Date.now());
    }
}

function showTop(s) {
    text('hostname', s.hostname);
    text('about', `version ${s.version}, generation ${s.generation}, `
        + `up ${age(s.uptime)}, pid ${s.pid}`);
    document.title = (state.lostSince ? 'lost: ' : '') + 'gatun '
        + s.hostname;
}

function showReload(s) {
    const last = s.reload.last;
    const done = `${plural(s.reload.good, 'reload')}, `
        + `${count(s.reload.failed)} failed`;

    $('reload').hidden = !last || last.good;
    $('reload').className = 'note bad';

    if (last && !last.good) {
        text('reload', `The last reload failed ${age(last.age)} ago; `
            + `generation ${s.generation} goes on.\n${last.message.trim()}`);
    }

    text('foot', last ? `${done}, the last one ${age(last.age)} ago`
        : 'not reloaded yet');
}

// --- asking ---

function live(said, kind) {
    text('live', said);
    $('live').className = 'live ' + kind;
}

function lost(why) {
    state.lostSince ||= state.seen || Date.now();
    state.waits++;
    $('lost').hidden = false;
    text('lost', `Connection lost ${age((Date.now() - state.lostSince) / 1000)}`
        + ` ago: ${why}. What you see is old; trying again.`);
    live('connection lost', 'bad');
    document.body.classList.add('stale');
    document.title = 'lost: gatun ' + (state.last?.hostname ?? '');
}

function found(s) {
    state.lostSince = 0;
    state.seen = Date.now();
    state.waits = 0;
    $('lost').hidden = true;
    document.body.classList.remove('stale');
    live('live', 'good');

    follow(s);
    showTop(s);
    showReload(s);
    showNow(s);
    showServices(s);
    showChains(s);
    showWorkers(s);
}

const reasons = {
    401: 'the user or password is no longer right (load the page again)',
    403: 'the host name in the address is not one of gatun\'s',
};

async function ask() {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    let answer;

    try {
        const r = await fetch(base + 'status', { cache: 'no-store',
            signal: patience.signal });

        if (!r.ok) {
            return lost(reasons[r.status] ?? `status ${r.status}`);
        }

        answer = await r.json();
    } catch (e) {
        return lost(e.name === 'AbortError' ? 'no answer' : 'nobody answers');
    } finally {
        clearTimeout(timer);
    }

    found(answer);
}

async function round() {
    clearTimeout(state.timer);

    if (state.paused || document.hidden || state.asking) {
        return;
    }

    state.asking = true;
    await ask();
    state.asking = false;
    state.timer = setTimeout(round,
        Math.min(EVERY * 2 ** Math.max(0, state.waits - 2), 5 * EVERY));
}

$('pause').addEventListener('click', () => {
    state.paused = !state.paused;
    $('pause').setAttribute('aria-pressed', state.paused);
    text('pause', state.paused ? 'Resume' : 'Pause');

    if (state.paused) {
        live('paused', 'idle');
    } else {
        live('connecting', 'idle');
    }

    round();
});

document.addEventListener('visibilitychange', round);
document.addEventListener('keydown', (e) => {
    if (e.key === '/' && !$('filter').hidden && e.target === document.body) {
        e.preventDefault();
        $('filter').focus();
    }
});

round();
