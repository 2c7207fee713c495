import { Type } from '@fastify/type-provider-typebox'
import { MemoryStatusSchema } from '../../../../../services/status/memory-status.ts'
import { CountsSchema, knowledgeSchema, orNull, WorkProblemSchema } from '../../../../../services/status/schema.ts'

const Waiting = orNull(Type.Number())

export const queueSchema = {
  tags: ['metrics'],
  summary: 'The queue, its workers and the circuit',
  description:
    'Read from the last snapshot, so it answers without Redis. While the queue cannot be read health is unknown, ' +
    'isKnown is false, figures of the queue are null, and lastKnown has the last ones and their time.',
  response: {
    200: Type.Object({
      timestamp: Type.String(),
      ...knowledgeSchema,
      queue: Type.Object({
        name: Type.String(),
        counts: CountsSchema,
        depthByPriority: Type.Record(Type.String(), orNull(Type.Integer())),
        totalPending: orNull(Type.Integer(), 'Events waiting or active; null while it is not known'),
        utilizationPercent: orNull(Type.Number(), 'Of the critical threshold'),
        health: Type.String({ description: 'healthy, degraded, warning, critical or unknown, as everywhere' }),
        isPaused: orNull(Type.Boolean(), 'By an operator'),
        pausedForMs: orNull(
          Type.Integer(),
          'For how long deliveries still wait for the consumer, which asked for it or fails; 0 when they do not'
        ),
        arrivalRate: orNull(Type.Number(), 'Events per second, smoothed'),
        drainRate: orNull(
          Type.Number(),
          'Events that all workers finish per second while they have work, smoothed; without any it stays as it was'
        ),
        timeToDrainSeconds: orNull(
          Type.Integer(),
          'Depth divided by drainRate minus arrivalRate; null while the queue does not get shorter, no worker takes ' +
          'a batch, or nothing is known'
        ),
        oldestWaitingSeconds: Type.Object({ critical: Waiting, normal: Waiting, low: Waiting }, { description: 'For how long the event of a class that comes next has waited; null where none waits' }),
        snapshotAgeMs: Type.Integer({ description: 'How old the last reading is' })
      }),
      memory: orNull(MemoryStatusSchema, 'Bytes of Redis; null while they are not known'),
      workers: Type.Object({
        count: orNull(Type.Integer()),
        capacity: orNull(
          Type.Integer(),
          'Batches that all of them can have in work at once; those that are held are not counted'
        ),
        needed: orNull(
          Type.Integer(),
          'Processes that would keep up and process the backlog within DRAIN_TARGET_MS; null while unknown'
        ),
        list: orNull(Type.Array(Type.Object({
          id: Type.String(),
          hostname: Type.String(),
          pid: Type.Integer(),
          concurrency: Type.Integer(),
          startedAt: Type.String(),
          handlers: Type.Array(Type.String(), { description: 'Names of its handlers, in their order' }),
          holds: Type.Array(Type.String(), { description: 'Why it takes no batch now; empty while it does' })
        })), 'Null while it is not known'),
        problems: Type.Array(WorkProblemSchema, {
          description: 'Causes that keep workers from taking batches or from doing the same with them, the worst first'
        })
      }),
      backpressure: Type.Object({
        enabled: Type.Boolean(),
        mode: Type.String(),
        circuitState: Type.String({ description: 'As of asOf' }),
        circuitCause: orNull(Type.String(), 'depth, bytes or both: what the circuit is not closed for; null while it is closed'),
        isKnown: knowledgeSchema.isKnown,
        asOf: knowledgeSchema.asOf,
        thresholds: Type.Object({ warning: Type.Integer(), critical: Type.Integer(), recovery: Type.Integer(), hardLimit: Type.Integer() }),
        rejectedCount: Type.Integer({ description: 'Events that this replica refused since its start or the last reset; in observe mode those that it would have' }),
        lastStateChange: Type.String(),
        stateAgeMs: Type.Integer()
      })
    })
  }
}
