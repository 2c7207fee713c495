/*
 * The program that makes the load, in a process of its own: gets one job, sends back one result. It writes prepared bytes to
 * plain sockets, since it shares a machine with what it measures, and a generator that costs as much as the fastest servers
 * would be what is measured. More than half of what a request takes here is the kernel's, which carries it as far as the socket
 * of the server at the expense of who sends. The rest shows in the results as the cost of the load.
 */
import { runClosedLoop } from './closed-loop.ts'
import type { LoadJob } from './job.ts'
import { runOpenLoop } from './open-loop.ts'
import { runStream } from './stream.ts'

process.once('message', (job: LoadJob) => {
  void run(job).then((result) => ({ result }), (error: unknown) => ({ failure: String(error) })).then((outcome) => process.send?.(outcome))
})
// Nobody is left who wants to know.
process.once('disconnect', () => process.exit())

function run (job: LoadJob) {
  if (job.kind === 'closed') return runClosedLoop(job)
  if (job.kind === 'open') return runOpenLoop(job)
  return runStream(job)
}
