// html/table.js: a table that is filled again and again: rows are kept under
// their key, and a cell is touched only when what it says has changed.

export const $ = (id) => document.getElementById(id);

export function text(id, what) {
    const e = $(id);

    if (e.textContent !== what) {
        e.textContent = what;
    }
}

export function element(tag, attributes = {}, ...children) {
    const e = document.createElement(tag);

    for (const [name, value] of Object.entries(attributes)) {
        e.setAttribute(name, value);
    }

    e.append(...children);
    return e;
}

//
// A column: { title, long, show, value, kind, head, wide }.
//   show(row)   what stands there: a text, or a node that is kept
//   value(row)  the exact figure, to sort by and to point at; optional
//   kind        'num', or nothing for text
//   head        it names the row
//   wide        it goes first when room is scarce
//
export class Table {
    constructor(caption, columns, options = {}) {
        this.columns = columns;
        this.options = options;
        this.rows = new Map();
        this.order = '';
        this.sort = null; // { column, down }

        this.body = element('tbody', { role: 'rowgroup' });
        this.head = element('tr', { role: 'row' },
            ...columns.map((c) => this.header(c)));
        this.root = element('table', { role: 'table' },
            element('caption', { class: 'quiet' }, caption),
            element('thead', { role: 'rowgroup' }, this.head), this.body);
        this.root.className = options.class ?? '';
    }

    header(column) {
        const th = element('th', { scope: 'col', role: 'columnheader' });

        th.className = classes(column);

        if (column.long) {
            th.title = column.long;
        }

        if (!this.options.sort || !column.value && column.kind === 'none') {
            th.textContent = column.title;
            return th;
        }

        const button = element('button', { type: 'button' }, column.title);
        button.addEventListener('click', () => this.sorted(column, th));
        th.append(button);

        return th;
    }

    // a first click puts big figures, or the first names, on top
    sorted(column, th) {
        const numeric = column.kind === 'num';
        let down = numeric;

        if (this.sort && this.sort.column === column) {
            down = !this.sort.down;
        }

        for (const other of this.head.children) {
            other.removeAttribute('aria-sort');
        }

        th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        this.sort = { column, down };
        this.options.sort();
    }

    sortRows(list) {
        if (!this.sort) {
            return list;
        }

        const { column, down } = this.sort;
        const of = column.value ?? column.show;
        const sign = down ? -1 : 1;

        return [...list].sort((a, b) => {
            const x = of(a), y = of(b);
            const c = typeof x === 'number' ? x - y
                : String(x).localeCompare(String(y), 'en', { numeric: true });
            return sign * c;
        });
    }

    // list: [{ key, ... }]; rows whose key is not in it go
    fill(list) {
        const sorted = this.sortRows(list);
        const keep = new Set();

        for (const item of sorted) {
            keep.add(item.key);
            this.fillRow(item);
        }

        for (const [key, row] of this.rows) {
            if (!keep.has(key)) {
                row.tr.remove();
                this.rows.delete(key);
            }
        }

        const order = sorted.map((item) => item.key).join('\n');

        if (order !== this.order) {
            this.order = order;
            this.body.append(...sorted.map((i) => this.rows.get(i.key).tr));
        }
    }

    fillRow(item) {
        let row = this.rows.get(item.key);

        if (!row) {
            row = this.newRow();
            this.rows.set(item.key, row);
        }

        this.columns.forEach((column, i) => {
            const shown = column.show(item, row);
            const value = column.value ? column.value(item) : undefined;
            const cell = row.cells[i];

            if (shown instanceof Node) {
                if (cell.td.firstChild !== shown) {
                    cell.td.replaceChildren(shown);
                }
            } else if (cell.shown !== shown) {
                cell.shown = shown;
                cell.td.textContent = shown;
            }

            if (value !== undefined && cell.value !== value) {
                cell.value = value;
                cell.td.dataset.value = value;
            }
        });

        const kind = this.options.kind ? this.options.kind(item) : '';
        if (row.kind !== kind) {
            row.kind = kind;
            row.tr.className = kind;
        }
    }

    newRow() {
        const tr = element('tr', { role: 'row' });
        const cells = this.columns.map((column) => {
            const td = column.head
                ? element('th', { scope: 'row', role: 'rowheader' })
                : element('td', { role: 'cell' });

            td.className = classes(column);
            td.dataset.label = column.title;
            tr.append(td);

            return { td, shown: undefined, value: undefined };
        });

        return { tr, cells, kind: '', kept: {} };
    }
}

function classes(column) {
    return [column.kind, column.class, column.wide ? 'wide' : '']
        .filter((c) => c && c !== 'none').join(' ');
}

// a state in words, with a colour that says the same
export class Pill {
    constructor() {
        this.root = element('span', { class: 'pill' });
        this.was = '';
    }

    say(text, kind) {
        if (this.was !== text + kind) {
            this.was = text + kind;
            this.root.textContent = text;
            this.root.className = 'pill ' + kind;
        }

        return this.root;
    }
}
