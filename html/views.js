// html/views.js: the tables of services, nodes and workers.

import { age, bytes, count, milliseconds, plural, rate } from './format.js';
import { $, element, Pill, Table, text } from './table.js';
import { Spark } from './chart.js';

const SPARKS = 60; // samples of a small line
const STALE = 6000; // ms without a round of a worker's loop

let current = null; // the answer that is shown

// --- services ---

const services = new Table('Services and their traffic', [
    { title: 'Service', head: true, class: 'name', show: (r) => r.name },
    { title: 'Address', class: 'code', show: (r) => r.addr },
    { title: 'Type', long: 'handler, and listener if it is not tcp',
        show: (r) => r.listener === 'tcp' || !r.listener ? r.handler
            : `${r.handler}, ${r.listener}` },
    { title: 'Chain', show: (r) => r.chain || 'direct' },
    { title: 'Now', long: 'connections now', kind: 'num',
        show: (r) => count(r.currentConns), value: (r) => r.currentConns },
    { title: 'New/s', long: 'new connections a second', kind: 'num',
        show: (r) => rate(r.openRate), value: (r) => r.openRate },
    { title: 'Total', long: 'connections since the start', kind: 'num',
        show: (r) => count(r.totalConns), value: (r) => r.totalConns },
    { title: 'Errors', long: 'connections that ended in an error',
        kind: 'num', class: 'errors', show: (r) => count(r.totalErrs),
        value: (r) => r.totalErrs },
    { title: 'In/s', long: 'from clients, a second', kind: 'num',
        show: (r) => bytes(r.inRate), value: (r) => r.inRate },
    { title: 'Out/s', long: 'to clients, a second', kind: 'num',
        show: (r) => bytes(r.outRate), value: (r) => r.outRate },
    { title: 'In', long: 'from clients since the start', kind: 'num',
        wide: true, show: (r) => bytes(r.inputBytes),
        value: (r) => r.inputBytes },
    { title: 'Out', long: 'to clients since the start', kind: 'num',
        wide: true, show: (r) => bytes(r.outputBytes),
        value: (r) => r.outputBytes },
    { title: 'Traffic', long: 'the last two minutes', kind: 'none',
        class: 'sparks', show: (r, row) => {
            row.kept.spark ??= new Spark(SPARKS);
            if (row.kept.at !== current.timestamp) {
                row.kept.at = current.timestamp;
                row.kept.spark.push(r.inRate + r.outRate);
            }
            return row.kept.spark.root;
        } },
], {
    class: 'services',
    sort: () => current && showServices(current),
    kind: (r) => r.totalErrs ? 'erring' : '',
});

const noServices = element('p', { class: 'panel empty' });

export function showServices(s) {
    current = s;

    const want = $('filter').value.trim().toLowerCase();
    const list = want
        ? s.services.filter((r) => [r.name, r.addr, r.handler, r.listener,
            r.chain].some((t) => t.toLowerCase().includes(want)))
        : s.services;

    $('filter').hidden = s.services.length < 8;
    text('n-services', list.length === s.services.length
        ? count(list.length) : `${list.length} of ${s.services.length}`);

    services.fill(list);
    services.root.hidden = list.length === 0;
    noServices.hidden = list.length > 0;
    noServices.textContent = s.services.length === 0
        ? 'No services.' : 'No service matches the filter.';
}

$('services').append(services.root, noServices);
$('filter').addEventListener('input', () => {
    if (current) {
        showServices(current);
    }
});

// --- chains ---

function nodeState(n) {
    if (n.state === 'failed') {
        return [n.backIn > 0 ? `failed, back in ${age(n.backIn)}` : 'failed',
            'bad'];
    }

    if (n.fails > 0) {
        return [`${n.state}, ${plural(n.fails, 'failure')}`, 'warn'];
    }

    return n.state === 'backup' ? ['backup', 'idle'] : ['up', 'good'];
}

const nodeColumns = [
    { title: 'Node', head: true, class: 'name', show: (n) => n.name },
    { title: 'Hop', long: 'and how it chooses among its nodes',
        show: (n) => n.hop },
    { title: 'Address', class: 'code', show: (n) => n.addr },
    { title: 'Type', long: 'connector, and dialer if it is not tcp',
        show: (n) => n.dialer === 'tcp' ? n.connector
            : `${n.connector}, ${n.dialer}` },
    { title: 'State', kind: 'none', class: 'state', show: (n, row) => {
        row.kept.pill ??= new Pill();
        return row.kept.pill.say(...nodeState(n));
    } },
    { title: 'Active', long: 'sessions through it now', kind: 'num',
        show: (n) => count(n.active), value: (n) => n.active },
    { title: 'Tried', long: 'dials since the start', kind: 'num',
        show: (n) => count(n.tried), value: (n) => n.tried },
    { title: 'Failed', long: 'dials that failed', kind: 'num',
        class: 'errors', show: (n) => count(n.failed),
        value: (n) => n.failed },
    { title: 'Last failure', kind: 'num', wide: true,
        show: (n) => n.lastFailure === null ? 'none'
            : `${age(n.lastFailure)} ago` },
    { title: 'Connect', long: 'time to connect, smoothed', kind: 'num',
        show: (n) => n.latencyMicroseconds
            ? milliseconds(n.latencyMicroseconds) : '–',
        value: (n) => n.latencyMicroseconds },
    { title: '95 %', long: '95 of 100 connected within', kind: 'num',
        wide: true, show: (n) => n.p95Milliseconds === null ? '–'
            : `≤ ${count(n.p95Milliseconds)} ms` },
];

const chains = new Map(); // key -> { root, table, title, used }
const noChains = element('p', { class: 'panel empty' },
    'No chains: every service connects to its targets directly.');

$('chains').append(noChains);

function newChain(chain) {
    const title = element('h3', {});
    const used = element('span', { class: 'used' });
    const table = new Table(`Nodes of chain ${chain.name}`, nodeColumns, {
        class: 'nodes',
        kind: (n) => (n.first ? 'first ' : '')
            + (n.failed ? 'erring' : ''),
    });
    const root = element('div', { class: 'chain' },
        element('div', { class: 'head' }, title, used), table.root);

    title.textContent = chain.name;
    $('chains').append(root);

    return { root, table, used };
}

export function showChains(s) {
    const seen = new Set();
    let n = 0, failed = 0;

    for (const chain of s.chains) {
        const key = chain.name;
        const nodes = chain.hops.flatMap((hop) => hop.nodes.map((node, i) => ({
            ...node, first: i === 0,
            hop: hop.nodes.length > 1 ? `${hop.name}, ${hop.strategy}`
                : hop.name,
            key: `${hop.name}\n${node.name}\n${node.addr}`,
        })));
        const users = s.services.filter((r) => r.chain === chain.name);

        seen.add(key);
        if (!chains.has(key)) {
            chains.set(key, newChain(chain));
        }

        const it = chains.get(key);
        const said = plural(chain.hops.length, 'hop') + ', used by '
            + plural(users.length, 'service');

        if (it.used.textContent !== said) {
            it.used.textContent = said;
        }

        it.table.fill(nodes);
        n += nodes.length;
        failed += nodes.filter((node) => node.state === 'failed').length;
    }

    for (const [key, it] of chains) {
        if (!seen.has(key)) {
            it.root.remove();
            chains.delete(key);
        }
    }

    noChains.hidden = s.chains.length > 0;
    text('n-nodes', n === 0 ? '' : plural(n, 'node')
        + (failed ? `, ${count(failed)} failed` : ''));
    $('n-nodes').classList.toggle('bad', failed > 0);
}

// --- workers ---

const workerKinds = { ready: 'good', starting: 'idle', quitting: 'warn' };

function workerState(w) {
    if (w.beatAgeMilliseconds > STALE) {
        return ['stuck', 'bad'];
    }

    return [w.state === 'quitting' ? 'leaving' : w.state,
        workerKinds[w.state] ?? 'idle'];
}

const workers = new Table('Worker processes', [
    { title: 'Worker', head: true, show: (w) => String(w.slot) },
    { title: 'Pid', kind: 'num', show: (w) => String(w.pid) },
    { title: 'State', kind: 'none', class: 'state', show: (w, row) => {
        row.kept.pill ??= new Pill();
        return row.kept.pill.say(...workerState(w));
    } },
    { title: 'Generation', kind: 'num', show: (w) => count(w.generation) },
    { title: 'Age', kind: 'num', show: (w) => age(w.uptime) },
    { title: 'Last round', long: 'of its event loop', kind: 'num',
        show: (w) => w.beatAgeMilliseconds < 3000 ? 'now'
            : `${age(w.beatAgeMilliseconds / 1000)} ago` },
    { title: 'Connections', kind: 'num', show: (w) => count(w.connections),
        value: (w) => w.connections },
    { title: 'Tunnels', kind: 'num', show: (w) => count(w.tunnels),
        value: (w) => w.tunnels },
    { title: 'Accepted', kind: 'num', show: (w) => count(w.accepted),
        value: (w) => w.accepted },
    { title: 'Refused', long: 'by a limit', kind: 'num', class: 'errors',
        show: (w) => count(w.refused), value: (w) => w.refused },
    { title: 'Deaths', long: 'of those that had its place before',
        kind: 'num', class: 'errors', show: (w) => count(w.deaths),
        value: (w) => w.deaths },
], { class: 'workers',
    kind: (w) => w.deaths || w.refused ? 'erring' : '' });

$('workers').append(workers.root);

export function showWorkers(s) {
    const leaving = s.generations.filter((g) => g.state === 'leaving'
        && g.workers > 0);

    workers.fill(s.workers.map((w) => ({ ...w,
        key: `${w.generation}.${w.slot}` })));
    text('n-workers', count(s.workers.length) + leaving.map((g) =>
        `, generation ${g.generation} leaves: `
        + plural(g.connections, 'connection')).join(''));
}
