import { runTogether } from './run-together.ts'

await runTogether('test/deploy/*.test.ts')
