/** @import { FeedMessage, State } from './contract.d.ts' */
import { Controls } from './actions/controls.js'
import { DeadLettersDialog } from './actions/dead-letters-dialog.js'
import { say } from './announce.js'
import { Charts } from './charts/charts.js'
import { Palette } from './charts/palette.js'
import { offerChoice } from './choice.js'
import { byId, element, setText } from './element.js'
import { Feed } from './feed/feed.js'
import { announcements } from './figures/announcement.js'
import { secondsAhead } from './figures/forecast.js'
import { headline, staleHeadline } from './figures/headline.js'
import { History } from './figures/history.js'
import { describeHour } from './figures/hour-summary.js'
import { WINDOWS } from './figures/window.js'
import { ConnectionPanel } from './panels/connection.js'
import { LatestEventsPanel } from './panels/latest-events.js'
import { OrganizationsPanel } from './panels/organizations.js'
import { SettingsPanel } from './panels/settings.js'
import { showShadow } from './panels/shadow.js'
import { showClasses, showIncidents, showRefusals, showStores, showTypes, showWorkers } from './panels/tables.js'
import { showCircuit, showFlow, showRefused, showUtilisation } from './panels/tiles.js'
import { ROOT, Session } from './session.js'
import { TokenDialog } from './token-dialog.js'

const session = new Session()
const history = new History()
const charts = new Charts(new Palette())
const connection = new ConnectionPanel()
let window = { seconds: 900, label: '15 min' }
/** @type {State | undefined} */
let state
/** The time of the last figures, while none arrive. @type {number | undefined} */
let staleSince
/** Milliseconds by which the clock of the service is ahead of ours. */
let clockLead = 0
/** Seconds ahead of now that the charts show. */
let ahead = 0

const feed = new Feed({
  request: session.request,
  onMessage: take,
  onConnection: (now) => {
    connection.update(now)
    staleSince = now.kind === 'stale' && now.since > 0 ? now.since : undefined
    showHeadline()
    if (now.kind === 'unauthorized') token.ask()
  }
})
const token = new TokenDialog(session, () => feed.start())
const latest = new LatestEventsPanel(session)
const organizations = new OrganizationsPanel(session)
const controls = new Controls(session, () => token.ask())
const settings = new SettingsPanel(session, () => token.ask())
// Stays registered as long as the page lives.
void new DeadLettersDialog(session, () => token.ask())

offerChoice(
  byId('window'),
  'spillway-window',
  WINDOWS.map(({ seconds, label }) => ({ value: String(seconds), label, isDefault: seconds === window.seconds })),
  (value) => {
    window = WINDOWS.find(({ seconds }) => String(seconds) === value) ?? window
    show()
  }
)
offerChoice(byId('scheme'), 'spillway-scheme', [{ value: 'auto', label: 'Auto', isDefault: true }, {
  value: 'light',
  label: 'Light'
}, { value: 'dark', label: 'Dark' }], (value) => {
  if (value === 'auto') delete document.documentElement.dataset.scheme
  else document.documentElement.dataset.scheme = value
  charts.recolour()
})
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.recolour())
document.addEventListener('visibilitychange', show)
setText(
  byId('empty-command'),
  `curl -i ${ROOT}api/v1/events -H 'content-type: application/json' \\\n  -d '{"type": "telemetry-data", "payload": {"deviceId": "d7", "temperature": 21.5}}'`
)
// Ages grow while no figures arrive.
setInterval(() => {
  connection.tick()
  if (document.body.dataset.connection === 'stale') showCharts()
}, 1_000)
feed.start()

/**
 * @param {FeedMessage} message
 * @param {boolean} isWhole
 */
function take ({ series, incidents, state: now }, isWhole) {
  if (isWhole) history.clear()
  history.append(series, incidents)
  for (const text of announcements(state, now)) say(text)
  if (state !== undefined && state.version !== now.version) offerReload(now.version)
  state = now
  clockLead = now.time - Date.now()
  show()
}

function show () {
  if (state === undefined || document.hidden) return
  showHeadline()
  setText(byId('headline-hour'), describeHour(history.series, { mode: state.mode, incidents: history.incidents }))
  setText(byId('who'), `${state.replica}, ${state.role}, version ${state.version}`)
  byId('job-browser').hidden = !state.hasJobBrowser
  byId('empty').hidden = !isUnused(state)
  setText(byId('refused-title'), state.mode === 'observe' ? 'Would be refused' : 'Refused')
  setText(byId('chart-shed-title'), state.mode === 'observe' ? 'Would be refused, by reason' : 'Refused, by reason')
  showCircuit(state)
  showUtilisation(state)
  showFlow(state)
  showClasses(state, history.series)
  showIncidents(history.incidents)
  showRefusals(state)
  showWorkers(state)
  showTypes(state)
  showStores(state, history.series)
  controls.update(state)
  settings.update(state)
  showShadow(state)
  void latest.refresh()
  void organizations.refresh()
  showCharts()
}

function showHeadline () {
  if (state === undefined) return
  const live = headline(state, history.incidents)
  const { tone, text } = staleSince === undefined ? live : staleHeadline(live, staleSince)
  byId('headline').dataset.tone = tone
  setText(byId('headline-text'), text)
  const word = staleSince !== undefined ? 'stale' : !state.isKnown ? 'unknown' : state.circuitState
  document.title = tone === 'good' ? 'Spillway' : `${word}: Spillway`
}

function showCharts () {
  if (state === undefined || document.hidden) return
  const to = Math.max(history.series.time.at(-1) ?? 0, Math.floor((Date.now() + clockLead) / 1_000))
  ahead = secondsAhead(state.forecast, ahead)
  const shown = { from: to - window.seconds, to, ahead, label: window.label }
  // A forecast of figures that are no longer current predicts nothing.
  charts.update(history, staleSince === undefined ? state : { ...state, forecast: [] }, shown)
  showRefused(history, shown)
}

/** @param {State} now */
function isUnused ({ isKnown, depth, deadLetters, topTypes, refusals }) {
  return isKnown && depth === 0 && deadLetters === 0 && topTypes.length === 0 && refusals.length === 0 &&
    !history.series.arrivalRate.some((rate) => rate !== null && rate > 0)
}

/** @param {string} version */
function offerReload (version) {
  if (document.querySelector('.reload') !== null) return
  byId('notices')
    .after(element(
      'p',
      { class: 'notice reload' },
      element('strong', {}, `The service now runs version ${version}`),
      element('button', { type: 'button', onclick: () => location.reload() }, 'Reload this page')
    ))
}
