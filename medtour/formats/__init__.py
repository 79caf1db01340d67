"""How dates are written where Django writes them by itself, as in columns of the desk's lists."""
