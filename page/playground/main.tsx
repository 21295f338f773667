import '../parts/theme.css'
import '../parts/controls.css'
import './playground.css'
import { render } from 'preact'
import { Playground } from './playground.tsx'

render(<Playground />, document.getElementById('app')!)
