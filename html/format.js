// html/format.js: numbers as people read them.

const group = new Intl.NumberFormat('en-US');
const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

export function count(n) {
    return group.format(n);
}

// three digits that matter
function short(n) {
    if (n >= 100 || n === 0) {
        return String(Math.round(n));
    }

    return n >= 10 ? n.toFixed(1) : n.toFixed(2);
}

export function bytes(n) {
    let i = 0;

    while (n >= 1000 && i < units.length - 1) {
        n /= 1024;
        i++;
    }

    return (i === 0 ? String(Math.round(n)) : short(n)) + ' ' + units[i];
}

export function rate(n) {
    if (n >= 10000) {
        return short(n / 1000) + ' k';
    }

    return n >= 100 || Number.isInteger(n) ? group.format(Math.round(n))
        : n.toFixed(1);
}

export function age(seconds) {
    const s = Math.max(0, Math.floor(seconds));

    if (s < 60) {
        return s + ' s';
    }

    if (s < 3600) {
        return Math.floor(s / 60) + ' min ' + s % 60 + ' s';
    }

    if (s < 86400) {
        return Math.floor(s / 3600) + ' h ' + Math.floor(s % 3600 / 60)
            + ' min';
    }

    return group.format(Math.floor(s / 86400)) + ' d '
        + Math.floor(s % 86400 / 3600) + ' h';
}

export function milliseconds(us) {
    const ms = us / 1000;

    return ms >= 1000 ? short(ms / 1000) + ' s' : short(ms) + ' ms';
}

export function plural(n, one, many) {
    return count(n) + ' ' + (n === 1 ? one : many ?? one + 's');
}
