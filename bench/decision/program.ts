/*
 * Measures decisions in a separate process, in which no other code of the bench affects the optimizations of the
 * compiler.
 */
import { measureDecisions } from './measure-decisions.ts'

process.on('message', async () => { process.send?.(await measureDecisions()) })
