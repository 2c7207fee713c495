import fp from 'fastify-plugin'
import { RESETS_FIELD } from '../services/admission/admission-state.ts'
import { causeOfState } from '../services/admission/circuit.ts'
import { sum } from '../services/admission/sum.ts'
import { DashboardFeed } from '../services/history/dashboard-feed.ts'
import { eachSecond } from '../services/history/each-second.ts'
import { IncidentWatch } from '../services/history/incident-watch.ts'
import { LatestEvents } from '../services/history/latest-events.ts'
import { RefusalRuns, RefusedSince } from '../services/history/refusals.ts'
import { SeriesRing } from '../services/history/series.ts'
import { ShedRate } from '../services/history/shed-rate.ts'
import { ShadowView } from '../services/history/shadow-view.ts'
import { SignalHistory } from '../services/history/signal-history.ts'
import { pointOf } from '../services/history/signal-point.ts'
import { stateOf } from '../services/history/state.ts'
import { Viewers } from '../services/history/viewers.ts'
import { showGauge } from '../services/metrics/shown.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Sends the signals to dashboards. */
    dashboardFeed: DashboardFeed
    dashboards: Viewers
    /** The events that this process accepted last. */
    latestEvents: LatestEvents
  }
}

const now = () => Date.now()

const FADE_MS = 1_000
const MOST_TOP_TYPES = 10

export default fp(async (fastify) => {
  const {
    config,
    backpressure: gate,
    control,
    forecast,
    queueMonitor,
    admissionLedger,
    frequentTypes,
    spool,
    refusalReasons,
    queueStatus,
    workerDemand,
    metricsRegistry,
    settings,
    shadowing
  } = fastify
  const history = new SignalHistory(new SeriesRing(refusalReasons))
  const dashboards = new Viewers()
  const watch = new IncidentWatch()
  const refusedSince = new RefusedSince()
  const runs = new RefusalRuns()
  const shedRate = new ShedRate(refusalReasons)
  const latestEvents = new LatestEvents()
  const shadowView = new ShadowView(shadowing)
  const { host, version, role } = fastify.fleetMember()
  const replica = {
    replica: host,
    version,
    role,
    configuredMode: config.ENABLE_BACKPRESSURE,
    hasJobBrowser: config.JOB_BROWSER !== 'off'
  }
  const spoolFigures = () =>
    spool && { events: sum(spool.eventsByPriority), bytes: spool.bytes, maxBytes: spool.maxBytes }

  const feed = new DashboardFeed({
    history,
    viewers: dashboards,
    state: () => stateOf(now(), replica, {
      gate,
      settings,
      status: queueStatus(),
      workersNeeded: workerDemand.needed,
      control: control.state,
      forecast: { mode: forecast.mode, ...forecast.state },
      spool: spoolFigures(),
      refusals: runs.runs,
      topTypes: frequentTypes.top(MOST_TOP_TYPES),
      shadow: shadowView.shown(settings.current.settings)
    })
  })
  fastify.decorate('dashboardFeed', feed)
  fastify.decorate('dashboards', dashboards)
  fastify.decorate('latestEvents', latestEvents)
  // A process that is only a worker has no page and no viewers.
  if (config.ROLE === 'worker') return
  showGauge(metricsRegistry, {
    name: 'spillway_dashboards', help: 'Dashboards that follow this process', read: () => dashboards.count
  })

  const look = () => {
    const { reading } = queueMonitor
    if (reading === undefined) return
    const { circuitState, circuits, isDepthKnown, depth } = gate.signals
    const { isPaused, pausedForMs, done, workers, control: { [RESETS_FIELD]: resets } } = reading
    history.record(watch.observe(
      {
        circuitState,
        circuitCause: causeOfState(circuits),
        isDepthKnown,
        depth,
        done,
        mode: gate.mode,
        isPaused,
        pausedForMs,
        workers,
        resets
      },
      performance.now(),
      now()
    ))
  }
  queueMonitor.onReading(look)
  queueMonitor.onLost(look)

  const endSecond = (second: number) => {
    const { reading } = queueStatus()
    const refused = refusedSince.take(admissionLedger.refused)
    runs.record(refused, second)
    frequentTypes.fade(FADE_MS)
    latestEvents.refill()
    shadowView.record(second)
    const shed = shedRate.next(reading?.ledger.refused, refused)
    feed.end(pointOf(second, { gate, reading, spooled: spoolFigures()?.events, shed }))
  }
  let stop: (() => void) | undefined
  fastify.addHook('onReady', async () => { stop = eachSecond(endSecond, now) })
  fastify.addHook('preClose', async () => dashboards.close())
  fastify.addHook('onClose', async () => stop?.())
}, {
  name: 'history',
  dependencies: [
    'config',
    'control',
    'fleet',
    'forecast',
    'queue',
    'ledger',
    'spool',
    'admission',
    'queue-status',
    'metrics',
    'settings',
    'shadow',
    'worker-demand'
  ]
})
