import { runTogether } from './run-together.ts'

await runTogether('test/services/queue/*.test.ts')
