import { runTogether } from './run-together.ts'

await runTogether('test/services/backpressure/**/*.test.ts')
