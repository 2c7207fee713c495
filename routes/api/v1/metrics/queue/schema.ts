import { Type } from '@fastify/type-provider-typebox'

const Waiting = Type.Union([Type.Number(), Type.Null()])

export const queueSchema = {
  tags: ['metrics'],
  summary: 'The queue, its workers and the circuit',
  description: 'Read from the last snapshot, so it answers without Redis; health is unknown and snapshotAgeMs grows while the queue cannot be read.',
  response: {
    200: Type.Object({
      timestamp: Type.String(),
      queue: Type.Object({
        name: Type.String(),
        counts: Type.Object({
          waiting: Type.Integer(),
          active: Type.Integer(),
          delayed: Type.Integer({ description: 'Wait for their next attempt; not part of totalPending' }),
          completed: Type.Integer(),
          failed: Type.Integer({ description: 'Became dead letters' })
        }, { description: 'Events' }),
        depthByPriority: Type.Record(Type.String(), Type.Integer()),
        totalPending: Type.Union([Type.Integer(), Type.Null()], { description: 'Events waiting or active; null while it is not known' }),
        utilizationPercent: Type.Union([Type.Number(), Type.Null()], { description: 'Of the critical threshold' }),
        health: Type.String(),
        isPaused: Type.Boolean({ description: 'By an operator' }),
        pausedForMs: Type.Integer({ description: 'For how long deliveries still wait for the consumer, which asked for it or fails; 0 when they do not' }),
        arrivalRate: Type.Number({ description: 'Events per second, smoothed' }),
        drainRate: Type.Number({ description: 'Events that all workers finish per second while they have work, smoothed; without any it stays as it was' }),
        timeToDrainSeconds: Type.Union([Type.Integer(), Type.Null()], { description: 'Until the queue is empty, if all goes on as it does and what is refused now does not come; null while it does not shrink' }),
        oldestWaitingSeconds: Type.Object({ critical: Waiting, normal: Waiting, low: Waiting }, { description: 'For how long the event of a class that comes next has waited; null where none waits' }),
        snapshotAgeMs: Type.Integer()
      }),
      workers: Type.Object({
        count: Type.Integer(),
        capacity: Type.Integer({ description: 'Batches that all of them can have in work at once' }),
        needed: Type.Union([Type.Integer(), Type.Null()], { description: 'Processes that would keep up and work off the backlog within DRAIN_TARGET_MS; null while it cannot be told' }),
        list: Type.Array(Type.Object({
          id: Type.String(), hostname: Type.String(), pid: Type.Integer(), concurrency: Type.Integer(), startedAt: Type.String(),
          handlers: Type.Array(Type.String(), { description: 'Names of its handlers, in their order' }),
          holds: Type.Array(Type.String(), { description: 'Why it takes no batch now; empty while it does' })
        }))
      }),
      backpressure: Type.Object({
        enabled: Type.Boolean(),
        mode: Type.String(),
        circuitState: Type.String(),
        thresholds: Type.Object({ warning: Type.Integer(), critical: Type.Integer(), recovery: Type.Integer(), hardLimit: Type.Integer() }),
        rejectedCount: Type.Integer({ description: 'Events that this replica refused since its start or the last reset; in observe mode those that it would have' }),
        lastStateChange: Type.String(),
        stateAgeMs: Type.Integer()
      })
    })
  }
}
