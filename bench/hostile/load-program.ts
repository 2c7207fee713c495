/* A process of its own for the hostile loads: they must not delay the critical events that are measured beside them. */
import { largeBodies, longLines, pipelinedRequests, slowHeads, type Load } from './loads.ts'

const LOADS = { slowHeads, pipelinedRequests, largeBodies, longLines }

/** How many connections each load gets; the first message to the program. */
export type LoadPlan = Readonly<Partial<Record<keyof typeof LOADS, number>>>

/** The answer to the second one, with which the loads stop. */
export type LoadCounts = readonly { readonly name: string, readonly count: number }[]

const stopping = new AbortController()
let loads: readonly Load[] | undefined

process.on('message', ({ port, plan }: { port: number, plan: LoadPlan }) => {
  if (loads === undefined) {
    loads = (Object.keys(plan) as (keyof typeof LOADS)[]).map((name) => LOADS[name](plan[name] ?? 0, port, stopping.signal))
    return
  }
  stopping.abort()
  process.send?.(loads.map(({ name, count }) => ({ name, count: count() })) satisfies LoadCounts)
})
