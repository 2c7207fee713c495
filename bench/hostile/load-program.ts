/* A separate process for the hostile loads, which must not delay the posts of critical events that are measured. */
import { largeBodies, longLines, pipelinedRequests, slowHeads, type Load } from './loads.ts'

const LOADS = { slowHeads, pipelinedRequests, largeBodies, longLines }

/** The connections of each load; the first message to the program. */
export type LoadPlan = Readonly<Partial<Record<keyof typeof LOADS, number>>>

/** The answer to the second message, which stops the loads. */
export type LoadCounts = readonly { readonly name: string, readonly count: number }[]

const stopping = new AbortController()
let loads: readonly Load[] | undefined

process.on('message', ({ port, plan }: { port: number, plan: LoadPlan }) => {
  if (loads === undefined) {
    loads = (Object.keys(plan) as (keyof typeof LOADS)[]).map((name) =>
      LOADS[name](plan[name] ?? 0, port, stopping.signal)
    )
    return
  }
  stopping.abort()
  process.send?.(loads.map(({ name, count }) => ({ name, count: count() })) satisfies LoadCounts)
})
