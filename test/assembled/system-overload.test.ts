import { runTogether } from './run-together.ts'

await runTogether('test/system/{adaptive,control-settings,deadlines,fair-order,forecast,payload-text,poison,recorded-arrivals,rules,sampling,shadow,shedding,smooth-shedding,workers-needed}.test.ts')
