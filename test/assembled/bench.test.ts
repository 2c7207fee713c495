import { runTogether } from './run-together.ts'

await runTogether('test/bench/**/*.test.ts')
