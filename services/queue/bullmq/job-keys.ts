/** Names the keys of one BullMQ queue in BullMQ's layout: its lists, its counters and the hashes of its jobs. */
export class JobKeys {
  /** Prefix of job ids. BullMQ treats every hash with this prefix as a job. */
  readonly prefix: string
  readonly wait: string
  readonly prioritized: string
  readonly active: string
  readonly delayed: string
  readonly completed: string
  readonly failed: string
  readonly meta: string
  /** Counts jobs for a rate limit; a pause of all workers sets it to the largest safe integer. */
  readonly limiter: string
  /** Wakes idle workers. */
  readonly marker: string
  /** Counts jobs with a priority; gives the low bits of their scores. */
  readonly priorityCounter: string
  /** Counts jobs without an id of their own. */
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

  /** Returns the key of the hash of a job, or of the stub in its place. */
  of (jobId: string): string {
    return `${this.prefix}${jobId}`
  }

  /** Returns the key of the lock of a job, which contains the token of its worker. */
  lockOf (jobId: string): string {
    return `${this.prefix}${jobId}:lock`
  }
}
