/** @import { Decision, Incident, Series, State, Worker } from '../contract.d.ts' */
import { byId, element, renderWhenChanged, setText } from '../element.js'
import {
  formatBytes, formatClock, formatCount, formatDuration, formatPlural, formatRate, UNKNOWN
} from '../figures/format.js'
import { unknownText } from '../figures/last-known.js'
import { emptyText } from '../figures/time-to-empty.js'
import { verdictOf } from '../figures/verdict.js'
import { PRIORITY_CLASSES } from '../figures/priority-classes.js'

/** Incidents that make things worse. */
const LOSSES = new Set(['queue-lost', 'consumer-away', 'held'])
const PRIORITIES = { critical: 'priority 1', normal: '2 to 5', low: '6 to 10' }

/**
 * @param {State} state
 * @param {Series} series
 */
export function showClasses (state, series) {
  const { isKnown, decisions, oldestWaitingSeconds, mode } = state
  const rows = PRIORITY_CLASSES.map((name) => {
    const depth = isKnown ? series.depth[name].at(-1) ?? null : null
    return {
      name,
      depth,
      oldest: oldestWaitingSeconds[name],
      empty: emptyText(state, name, depth),
      decision: decisions[name],
      circumstances: { isForced: mode !== 'true', isKnown }
    }
  })
  renderWhenChanged(byId('classes-rows'), rows, () => rows.map((row) => element('tr', {},
    element('th', { scope: 'row' }, row.name, element('span', { class: 'why' }, PRIORITIES[row.name])),
    element('td', { class: 'number' }, formatCount(row.depth)),
    element(
      'td',
      { class: 'number nowrap' },
      row.oldest !== null ? formatDuration(row.oldest) : isKnown ? 'nothing waits' : UNKNOWN,
      row.empty !== undefined && element('span', { class: 'why' }, row.empty)
    ),
    element('td', {}, ...verdict(row.decision, row.circumstances)))))
}

/**
 * @param {Decision} decision
 * @param {Parameters<typeof verdictOf>[1]} circumstances
 */
function verdict (decision, circumstances) {
  const { tone, word, why } = verdictOf(decision, circumstances)
  return [
    element('span', { class: `verdict ${tone}` }, word),
    why !== undefined && element('span', { class: 'why' }, why),
    !decision.admitted &&
      element('span', { class: 'why nowrap' }, `Retry-After ${formatCount(decision.retryAfterSeconds)} s`)
  ]
}

/** @param {readonly Incident[]} incidents newest last */
export function showIncidents (incidents) {
  const newest = incidents.slice(-60).toReversed()
  renderWhenChanged(byId('incidents-list'), newest, () => newest.length === 0
    ? [element('li', { class: 'nothing' }, 'Nothing in the last hour')]
    : newest.map(({ time, kind, to, text }) => element('li', {},
      element('time', { datetime: new Date(time).toISOString() }, formatClock(time, { withSeconds: true })),
      element('span', {
        class: `shape ${kind === 'circuit' && to !== undefined ? to : LOSSES.has(kind) ? 'lost' : ''}`,
        'aria-hidden': 'true'
      }),
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
export function showWorkers ({ workers, workersNeeded, problems, lastKnown, time }) {
  setText(
    byId('workers-sum'),
    workers === null ? unknownText(lastKnown, (known) => formatCount(known.workers)) : sumOf(workers, workersNeeded)
  )
  byId('workers-problems').hidden = problems.length === 0
  renderWhenChanged(byId('workers-problems'), problems, () =>
    problems.map(({ text, remedy }) => element('li', {}, element('strong', {}, `${text}: `), remedy))
  )
  const rows = workers?.map(({ id, hostname, pid, concurrency, startedAt, handlers, holds }) => ({
    id, hostname, pid, concurrency, handlers: handlers.join(', ') || 'no handler', holds,
    up: upFor(time - Date.parse(startedAt))
  }))
  renderWhenChanged(byId('workers-rows'), rows ?? null, () => rows === undefined
    ? nothing(4, 'The queue cannot be read, so the workers are unknown')
    : rows.length === 0 ? nothing(4, 'No worker is running: nothing leaves the queue')
      : rows.map(({ hostname, pid, concurrency, handlers, holds, up }) => element('tr', {},
        element('th', { scope: 'row', class: 'break' }, hostname, element('span', { class: 'why' }, handlers),
          holds.length > 0 && element('span', { class: 'why held' }, `takes no batch: ${holds.join(', ')}`)),
        element('td', { class: 'number' }, String(pid)),
        element('td', { class: 'number' }, formatCount(concurrency)),
        element('td', { class: 'number nowrap' }, up))))
}

/**
 * @param {readonly Worker[]} workers
 * @param {number | null} workersNeeded
 */
function sumOf (workers, workersNeeded) {
  const capacity = workers.reduce((sum, { concurrency, holds }) => sum + (holds.length > 0 ? 0 : concurrency), 0)
  const needed = workersNeeded === null ? '' : `, ${formatCount(workersNeeded)} needed`
  return workers.length === 0
    ? `none running${needed}`
    : `${formatCount(workers.length)}${needed}; ${
      formatPlural(capacity, 'batch').replace(/batchs$/, 'batches')
    } at once`
}

/** Rounds to ten seconds, so that the table changes rarely. @param {number} milliseconds */
function upFor (milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  return formatDuration(seconds < 10 ? seconds : Math.floor(seconds / 10) * 10)
}

/** @param {State} state */
export function showTypes ({ topTypes }) {
  renderWhenChanged(byId('types-rows'), topTypes, () => topTypes.length === 0
    ? nothing(3, 'This replica has received no event lately')
    : topTypes.map(({ type, ratePerSecond, events }) => element('tr', {},
      element('th', { scope: 'row', class: 'break' }, type),
      element('td', { class: 'number' }, formatRate(ratePerSecond)),
      element('td', { class: 'number' }, formatCount(events)))))
}

/**
 * @param {State} state
 * @param {Series} series
 */
export function showStores ({ deadLetters, memory, spool, isKnown, lastKnown }, { active, delayed }) {
  setText(byId('memory-count'), memory === null ? UNKNOWN : memoryText(memory))
  setText(
    byId('active-count'),
    isKnown ? formatCount(active.at(-1)) : unknownText(lastKnown, ({ counts }) => formatCount(counts.active))
  )
  setText(
    byId('delayed-count'),
    isKnown ? formatCount(delayed.at(-1)) : unknownText(lastKnown, ({ counts }) => formatCount(counts.delayed))
  )
  setText(
    byId('dead-letters-count'),
    isKnown
      ? deadLettersText(deadLetters)
      : unknownText(lastKnown, (known) => (known.deadLetters === null ? null : deadLettersText(known.deadLetters)))
  )
  const meter = byId('spool-meter')
  meter.hidden = spool === null
  meter.style.setProperty('--share', `${spool === null ? 0 : Math.min(100, spool.bytes / spool.maxBytes * 100)}%`)
  setText(
    byId('spool-count'),
    spool === null
      ? 'off'
      : spool.events === 0
      ? `empty, ${formatBytes(spool.maxBytes)} free`
      : `${formatPlural(spool.events, 'event')}, ${formatBytes(spool.bytes)} of ${formatBytes(spool.maxBytes)}`
  )
}

/** @param {NonNullable<State['memory']>} memory */
function memoryText ({ usedBytes, capacityBytes }) {
  return `${formatBytes(usedBytes)}${capacityBytes === null ? '' : ` of ${formatBytes(capacityBytes)}`}`
}

/** @param {number | null} deadLetters */
function deadLettersText (deadLetters) {
  return deadLetters === 0 ? 'none' : formatCount(deadLetters)
}

/**
 * @param {number} columns
 * @param {string} text
 */
function nothing (columns, text) {
  return [element('tr', {}, element('td', { colspan: columns, class: 'nothing' }, text))]
}

