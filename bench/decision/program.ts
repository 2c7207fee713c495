/* Measures decisions when asked to: in a process of its own, where no other code of the bench has taught the compiler other shapes. */
import { measureDecisions } from './measure-decisions.ts'

process.on('message', async () => { process.send?.(await measureDecisions()) })
