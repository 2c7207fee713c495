import { Type, type Static } from '@sinclair/typebox'
import { MemoryStatusSchema } from './memory-status.ts'
import { CountsSchema, knowledgeSchema, orNull, ThresholdsSchema, WorkProblemSchema } from './schema.ts'
import { ShadowStatusSchema } from './shadow-status.ts'

const Waiting = orNull(Type.Number())

const Accuracy = Type.Object({ p50: Waiting, p90: Waiting }, {
  description: 'Median and 90 % quantile of the last 512 refusals; null before the first is known'
})

/** The answer of GET /api/v1/metrics/queue. */
export const QueueAnswerSchema = Type.Object({
  timestamp: Type.String(),
  ...knowledgeSchema,
  queue: Type.Object({
    name: Type.String(),
    counts: CountsSchema,
    depthByPriority: Type.Record(Type.String(), orNull(Type.Integer())),
    totalPending: orNull(Type.Integer(), 'Events waiting or active; null if unknown'),
    utilizationPercent: orNull(Type.Number(), 'The depth as a share of the critical threshold'),
    health: Type.String({ description: 'healthy, degraded, warning, critical or unknown' }),
    isPaused: orNull(Type.Boolean(), 'True if an operator paused the workers'),
    pausedForMs: orNull(
      Type.Integer(),
      'How long deliveries still wait because the consumer asked for a pause or fails; 0 if they do not wait'
    ),
    arrivalRate: orNull(Type.Number(), 'Events per second, smoothed'),
    drainRate: orNull(
      Type.Number(),
      'Events that all workers finish per second while they have work, smoothed; without work it keeps its value'
    ),
    timeToDrainSeconds: orNull(
      Type.Integer(),
      'Depth divided by drainRate minus arrivalRate; null if the queue does not shrink, if no worker takes a ' +
      'batch, or if unknown'
    ),
    oldestWaitingSeconds: Type.Object({ critical: Waiting, normal: Waiting, low: Waiting }, {
      description: 'How long the next event of each class has waited; null if no event waits'
    }),
    snapshotAgeMs: Type.Integer({ description: 'The age of the last reading' })
  }),
  memory: orNull(MemoryStatusSchema, 'Bytes of Redis; null while they are not known'),
  workers: Type.Object({
    count: orNull(Type.Integer()),
    capacity: orNull(
      Type.Integer(),
      'Batches that all workers can process at once; workers that are held do not count'
    ),
    needed: orNull(
      Type.Integer(),
      'Worker processes that keep the delay budgets, as GET /api/v1/autoscaling explains; null if unknown'
    ),
    list: orNull(Type.Array(Type.Object({
      id: Type.String(),
      hostname: Type.String(),
      pid: Type.Integer(),
      concurrency: Type.Integer(),
      startedAt: Type.String(),
      handlers: Type.Array(Type.String(), { description: 'The names of its handlers, in their order' }),
      holds: Type.Array(Type.String(), { description: 'Why the worker takes no batch; empty if it takes batches' })
    })), 'Null if unknown'),
    problems: Type.Array(WorkProblemSchema, {
      description: 'Why workers take no batches, or do not treat them alike; the worst cause first'
    })
  }),
  backpressure: Type.Object({
    enabled: Type.Boolean(),
    mode: Type.String(),
    circuitState: Type.String({ description: 'The state of the circuit at asOf' }),
    circuitCause: orNull(Type.String(), 'The cause of an open circuit: depth, bytes or both; null while it is closed'),
    isKnown: knowledgeSchema.isKnown,
    asOf: knowledgeSchema.asOf,
    thresholds: ThresholdsSchema,
    settingsVersion: Type.Integer({ description: 'The version of the settings in force; 0 if nobody changed them' }),
    rejectedCount: Type.Integer({
      description:
        'Events that this replica has refused since its start or the last reset; in observe mode, events that it ' +
        'would have refused'
    }),
    lastStateChange: Type.String(),
    stateAgeMs: Type.Integer()
  }),
  control: Type.Object({
    thresholds: Type.String({ description: 'static or adaptive' }),
    capacityPerSecond: orNull(
      Type.Number(), 'Events per second that all workers complete while they have enough to do; null if unknown'
    ),
    evidence: Type.String({
      description:
        'The origin of the capacity: busy (measured while workers were busy), utilisation (inferred from the share ' +
        'of ' +
        'slots in use), held (there is nothing to learn from, and the last value stays) or none'
    }),
    evidenceAgeMs: orNull(Type.Integer(), 'How long ago the last evidence was seen; null without evidence'),
    waitMs: Type.Object({ critical: Waiting, normal: Waiting, low: Waiting }, {
      description:
        'How long a new event of each class waits at a safe estimate of the capacity, or the oldest one has waited ' +
        'if ' +
        'that is longer; null if unknown, or if better classes leave nothing for it'
    }),
    timeToEmptyMs: Type.Object({ critical: Waiting, normal: Waiting, low: Waiting }, {
      description: 'Until nothing of the class and of those before it is left; null if unknown or if that does not come'
    }),
    retryAfterAccuracy: Type.Object({ critical: Accuracy, normal: Accuracy, low: Accuracy }, {
      description:
        'The waits that refusals of each class suggested, as a multiple of the time until an event of the class was ' +
        'admitted, at least 1 s: 1 is exact, 2 twice as long as necessary; by this replica'
    }),
    shedding: Type.String({ description: 'cliff or smooth' }),
    shedShare: Type.Number({
      description: 'Share of all that is offered that smooth shedding refuses, or leaves out of a sample, 0 to 1; a request refused unread counts once'
    }),
    shedShareByClass: Type.Object({ critical: Type.Number(), normal: Type.Number(), low: Type.Number() }, {
      description: 'The same of the events of each class'
    }),
    sampling: Type.String({ description: 'off, low or low-and-normal' }),
    keptShareByClass: Type.Object({ critical: Type.Number(), normal: Type.Number(), low: Type.Number() }, {
      description: 'Share of the events of each class that is kept as a sample, 0 to 1; 1 without one'
    }),
    fairness: Type.String({ description: 'on or off: whether organizations have fair shares of the capacity' }),
    organizationsAboveShare: Type.Integer({ description: 'Organizations that post more than their fair shares; 0 without pressure' }),
    fairOrder: Type.String({ description: 'off, organizations or types: which of them workers take in turn' }),
    delayBudgetMs: Type.Object({ critical: Type.Integer(), normal: Type.Integer(), low: Type.Integer() }, {
      description: 'How long an event of each class may wait'
    }),
    forecastMode: Type.String({ description: 'off, observe or act' }),
    forecast: Type.Array(Type.Object({
      horizonMs: Type.Integer({ description: 'How far ahead' }),
      depth: Type.Integer({ description: 'The depth to expect if no event is refused because of load' }),
      low: orNull(Type.Integer()),
      high: orNull(Type.Integer(), 'Nine times in ten the depth is from low to high; null until enough is known'),
      skill: orNull(Type.Number()),
      isTrusted: Type.Boolean({ description: 'The skill at this horizon has been proven: the forecast may act' })
    }), { description: 'The depth to come; empty while unknown or off' }),
    skill: orNull(
      Type.Number(),
      'The lowest skill of the horizons: 1 for a perfect forecast, 0 for one that is no better than the present depth; ' +
      'null until enough forecasts have been compared with what came'
    ),
    breachMs: orNull(
      Type.Integer(),
      'Time until all low events would be refused, as a proven forecast predicts; null if that is not within 180 s'
    ),
    preShedShare: Type.Number({ description: 'Share of low events that is refused ahead of that moment, 0 to 0.5' })
  }, { description: 'The capacity of the workers, the waits that follow from it, the share of the load that is refused, and the forecast of depth' }),
  shadow: orNull(ShadowStatusSchema, 'Settings that are tried beside those in force; null without a shadow')
}, { description: 'The queue, its workers and the circuit.' })

export type QueueAnswer = Static<typeof QueueAnswerSchema>
