import type { Client } from '../client.ts'

/** Never retries. */
const none: Client = { comesBackAfterMs: () => Infinity }

export default none
