/** How a pane stands in the page: a column that fills its place, and scrolls within. */

import { css } from "lit";

export const pane = css`
  :host {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
    block-size: 100%;
    container-type: inline-size;
  }
`;
