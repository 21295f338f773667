import '../parts/theme.css'
import '../parts/controls.css'
import './playground.css'
import { render } from 'preact'
import { App } from './app.tsx'

render(<App />, document.getElementById('app')!)
