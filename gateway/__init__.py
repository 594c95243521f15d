"""The doors: browsers, scripts and operators, and the hall behind them."""
