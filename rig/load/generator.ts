/*
 * The load generator, a separate process: it gets one job and sends back one result. It writes prepared bytes to plain
 * sockets, since it shares the machine with the server: a generator as expensive as the fastest servers would distort
 * the results. More than half of its CPU time per request is spent in the kernel, which charges the sender for the way
 * to the socket of the server. The rest shows in the results as the cost of the load.
 */
import { runClosedLoop } from './closed-loop.ts'
import type { LoadJob } from './job.ts'
import { runOpenLoop } from './open-loop.ts'
import { runStream } from './stream.ts'

process.once('message', (job: LoadJob) => {
  void run(job).then((result) => ({ result }), (error: unknown) => ({ failure: String(error) })).then((outcome) =>
    process.send?.(outcome)
  )
})
// The parent has gone, so nobody needs the result.
process.once('disconnect', () => process.exit())

function run (job: LoadJob) {
  if (job.kind === 'closed') return runClosedLoop(job)
  if (job.kind === 'open') return runOpenLoop(job)
  return runStream(job)
}
