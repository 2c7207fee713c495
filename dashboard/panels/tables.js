/** @import { Decision, Incident, Series, State } from '../contract.d.ts' */
import { byId, element, renderWhenChanged, setText } from '../element.js'
import { formatBytes, formatClock, formatCount, formatDuration, formatPlural, formatRate } from '../figures/format.js'
import { meaningOf } from '../figures/reason.js'

const CLASSES = /** @type {const} */ (['critical', 'normal', 'low'])
const PRIORITIES = { critical: 'priority 1', normal: '2 to 5', low: '6 to 10' }

/**
 * @param {State} state
 * @param {Series} series
 */
export function showClasses ({ isDepthKnown, decisions, oldestWaitingSeconds, mode }, { depth }) {
  const rows = CLASSES.map((name) => ({
    name,
    depth: isDepthKnown ? depth[name].at(-1) ?? null : null,
    oldest: oldestWaitingSeconds[name],
    decision: decisions[name],
    isForced: mode !== 'true'
  }))
  renderWhenChanged(byId('classes-rows'), rows, () => rows.map((row) => element('tr', {},
    element('th', { scope: 'row' }, row.name, element('span', { class: 'why' }, PRIORITIES[row.name])),
    element('td', { class: 'number' }, formatCount(row.depth)),
    element('td', { class: 'number nowrap' }, row.oldest !== null ? formatDuration(row.oldest) : isDepthKnown ? 'nothing waits' : 'unknown'),
    element('td', {}, ...verdict(row.decision, row.isForced)))))
}

/**
 * @param {Decision} decision
 * @param {boolean} isForced whether everything is admitted whatever is decided
 */
function verdict (decision, isForced) {
  if (decision.admitted) return [element('span', { class: 'verdict yes' }, 'admitted')]
  const { reason, retryAfterSeconds } = decision
  const meaning = meaningOf(reason)
  return [
    element('span', { class: isForced ? 'verdict yes' : 'verdict no' }, isForced ? 'admitted, would be refused' : 'refused'),
    element('span', { class: 'why' }, `${reason}${meaning === undefined ? '' : `: ${meaning}`}`),
    element('span', { class: 'why nowrap' }, `Retry-After ${formatCount(retryAfterSeconds)} s`)
  ]
}

/** @param {readonly Incident[]} incidents newest last */
export function showIncidents (incidents) {
  const newest = incidents.slice(-60).toReversed()
  renderWhenChanged(byId('incidents-list'), newest, () => newest.length === 0
    ? [element('li', { class: 'nothing' }, 'Nothing in the last hour')]
    : newest.map(({ time, kind, to, text }) => element('li', {},
      element('time', { datetime: new Date(time).toISOString() }, formatClock(time, { withSeconds: true })),
      element('span', { class: `shape ${kind === 'circuit' && to !== undefined ? to : kind === 'queue-lost' ? 'lost' : ''}`, 'aria-hidden': 'true' }),
      element('span', {}, text))))
}

/** @param {State} state */
export function showRefusals ({ refusals }) {
  renderWhenChanged(byId('refusals-rows'), refusals, () => refusals.length === 0
    ? nothing(4, 'This replica has refused nothing')
    : refusals.map(({ from, to, priorityClass, reason, events }) => element('tr', {},
      element('td', { class: 'nowrap' }, formatSpan(from, to)),
      element('td', {}, priorityClass),
      element('td', { class: 'break' }, reason),
      element('td', { class: 'number' }, formatCount(events)))))
}

/**
 * @param {number} from
 * @param {number} to
 */
function formatSpan (from, to) {
  const begin = formatClock(from, { withSeconds: true })
  const end = formatClock(to, { withSeconds: true })
  return begin === end ? begin : `${begin} to ${end}`
}

/** @param {State} state */
export function showWorkers ({ workers, workersNeeded, time }) {
  const capacity = workers.reduce((sum, { concurrency }) => sum + concurrency, 0)
  const needed = workersNeeded === null ? '' : `, ${formatCount(workersNeeded)} needed`
  setText(byId('workers-sum'), workers.length === 0 ? `none running${needed}` : `${formatCount(workers.length)}${needed}; ${formatPlural(capacity, 'batch').replace(/batchs$/, 'batches')} at once`)
  const rows = workers.map(({ id, hostname, pid, concurrency, startedAt }) => ({ id, hostname, pid, concurrency, up: upFor(time - Date.parse(startedAt)) }))
  renderWhenChanged(byId('workers-rows'), rows, () => rows.length === 0
    ? nothing(4, 'No worker is running: nothing leaves the queue')
    : rows.map(({ hostname, pid, concurrency, up }) => element('tr', {},
      element('th', { scope: 'row', class: 'break' }, hostname),
      element('td', { class: 'number' }, String(pid)),
      element('td', { class: 'number' }, formatCount(concurrency)),
      element('td', { class: 'number nowrap' }, up))))
}

/** In steps of ten seconds, so that the table stands still. @param {number} milliseconds */
function upFor (milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  return formatDuration(seconds < 10 ? seconds : Math.floor(seconds / 10) * 10)
}

/** @param {State} state */
export function showTypes ({ topTypes }) {
  renderWhenChanged(byId('types-rows'), topTypes, () => topTypes.length === 0
    ? nothing(3, 'No event has come to this replica lately')
    : topTypes.map(({ type, ratePerSecond, events }) => element('tr', {},
      element('th', { scope: 'row', class: 'break' }, type),
      element('td', { class: 'number' }, formatRate(ratePerSecond)),
      element('td', { class: 'number' }, formatCount(events)))))
}

/**
 * @param {State} state
 * @param {Series} series
 */
export function showStores ({ deadLetters, spool, isDepthKnown }, { active, delayed }) {
  setText(byId('active-count'), formatCount(isDepthKnown ? active.at(-1) : null))
  setText(byId('delayed-count'), formatCount(isDepthKnown ? delayed.at(-1) : null))
  setText(byId('dead-letters-count'), deadLetters === null ? 'unknown' : deadLetters === 0 ? 'none' : formatCount(deadLetters))
  const meter = byId('spool-meter')
  meter.hidden = spool === null
  meter.style.setProperty('--share', `${spool === null ? 0 : Math.min(100, spool.bytes / spool.maxBytes * 100)}%`)
  setText(byId('spool-count'), spool === null ? 'off' : spool.events === 0 ? `empty, ${formatBytes(spool.maxBytes)} free` : `${formatPlural(spool.events, 'event')}, ${formatBytes(spool.bytes)} of ${formatBytes(spool.maxBytes)}`)
}

/**
 * @param {number} columns
 * @param {string} text
 */
function nothing (columns, text) {
  return [element('tr', {}, element('td', { colspan: columns, class: 'nothing' }, text))]
}

