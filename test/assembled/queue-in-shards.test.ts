/*
 * Runs tests of a single queue again beside shards that are empty: nothing may change.
 */
import { runTogether } from './run-together.ts'

const NAMES = 'drained-order,fair-queue,ledger-balance,recount,retry-order,settled-again,shard-pauses,shards'

process.env.TEST_QUEUE_SHARDS = '4'
const files = `test/services/queue/{${NAMES}}.test.ts`
await runTogether(files)
