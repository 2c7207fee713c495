import { runTogether } from './run-together.ts'

await runTogether('test/workers/**/*.test.ts')
