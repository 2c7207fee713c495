import { runTogether } from './run-together.ts'

await runTogether('test/system/{bodies-in-flight,stream,stream-memory}.test.ts')
