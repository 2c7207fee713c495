/** Names the keys of one BullMQ queue as BullMQ lays them out: its lists, its counters and the hashes of its jobs. */
export class JobKeys {
  /** Before the id of a job. BullMQ takes every hash below it for a job. */
  readonly prefix: string
  readonly wait: string
  readonly prioritized: string
  readonly active: string
  readonly delayed: string
  readonly completed: string
  readonly failed: string
  readonly meta: string
  /** Counts jobs for a rate limit; a pause of all workers sets it to the highest number there is. */
  readonly limiter: string
  /** Wakes idle workers. */
  readonly marker: string
  /** Counts jobs that have a priority; the low bits of their scores. */
  readonly priorityCounter: string
  /** Counts jobs that bring no id. */
  readonly lastId: string
  readonly events: string
  readonly stalled: string
  readonly stalledCheck: string

  constructor (prefix: string, queue: string) {
    this.prefix = `${prefix}:${queue}:`
    const key = (name: string) => `${this.prefix}${name}`
    this.wait = key('wait')
    this.prioritized = key('prioritized')
    this.active = key('active')
    this.delayed = key('delayed')
    this.completed = key('completed')
    this.failed = key('failed')
    this.meta = key('meta')
    this.limiter = key('limiter')
    this.marker = key('marker')
    this.priorityCounter = key('pc')
    this.lastId = key('id')
    this.events = key('events')
    this.stalled = key('stalled')
    this.stalledCheck = key('stalled-check')
  }

  /** The hash of a job, or the stub that stays in its place. */
  of (jobId: string): string {
    return `${this.prefix}${jobId}`
  }

  /** The lock of a job, whose value is the token of the worker that has it. */
  lockOf (jobId: string): string {
    return `${this.prefix}${jobId}:lock`
  }
}
