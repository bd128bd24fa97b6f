import { render } from 'preact';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/ui.css';
import { App } from './app';
import { applyTheme } from './theme';

applyTheme();
const page = document.getElementById('page');
if (page) render(<App />, page);
