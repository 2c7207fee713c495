import { runTogether } from './run-together.ts'

await runTogether('test/services/redis/embedded/*.test.ts')
