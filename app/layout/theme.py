"""Gradio's theme: the colors and fonts of ``look/segue.css``, which all pages share."""

from __future__ import annotations

import gradio

COLORS = {
    "body_background_fill": "paper",
    "body_text_color": "ink",
    # Gradio's own subdued text is too faint to read (WCAG AA).
    "body_text_color_subdued": "quiet",
    "background_fill_primary": "raised",
    "background_fill_secondary": "sunken",
    "border_color_primary": "line",
    "border_color_accent": "accent",
    "border_color_accent_subdued": "accent",
    "color_accent": "accent",
    "color_accent_soft": "wash",
    "link_text_color": "accent",
    "link_text_color_hover": "accent-strong",
    "link_text_color_active": "accent-strong",
    "link_text_color_visited": "accent",
    "block_label_background_fill": "raised",
    "block_label_text_color": "quiet",
    "block_title_text_color": "ink",
    "block_info_text_color": "quiet",
    "accordion_text_color": "ink",
    "table_text_color": "ink",
    "table_even_background_fill": "raised",
    "table_odd_background_fill": "sunken",
    "code_background_fill": "sunken",
    "input_background_fill": "raised",
    "input_background_fill_focus": "raised",
    # The edge of what can be filled in is seen at 3:1.
    "input_border_color": "edge",
    "input_border_color_focus": "accent",
    "input_border_color_hover": "ink",
    "input_placeholder_color": "quiet",
    "checkbox_background_color": "raised",
    "checkbox_border_color": "edge",
    "checkbox_border_color_hover": "ink",
    "checkbox_background_color_selected": "accent",
    "checkbox_border_color_selected": "accent",
    "checkbox_label_background_fill": "raised",
    "checkbox_label_background_fill_hover": "wash",
    "checkbox_label_background_fill_selected": "wash",
    "checkbox_label_border_color": "line",
    "checkbox_label_text_color": "ink",
    "checkbox_label_text_color_selected": "ink",
    "slider_color": "accent",
    "loader_color": "accent",
    "button_primary_background_fill": "accent",
    "button_primary_background_fill_hover": "accent-strong",
    "button_primary_text_color": "on-accent",
    "button_primary_text_color_hover": "on-accent",
    "button_secondary_background_fill": "raised",
    "button_secondary_background_fill_hover": "wash",
    "button_secondary_border_color": "edge",
    "button_secondary_border_color_hover": "ink",
    "button_secondary_text_color": "ink",
    "button_secondary_text_color_hover": "ink",
    "button_cancel_background_fill": "raised",
    "button_cancel_background_fill_hover": "wash",
    "button_cancel_border_color": "edge",
    "button_cancel_text_color": "bad",
    "button_cancel_text_color_hover": "bad",
    "error_background_fill": "raised",
    "error_border_color": "bad",
    "error_text_color": "bad",
    "error_icon_color": "bad",
    "stat_background_fill": "wash",
}
"""What Gradio calls a color, and what ``segue.css`` calls it."""


def segue_theme() -> gradio.themes.Default:
    """Return the theme; each color of it is the stylesheet's, which knows both light and dark."""
    # Fonts that every system has: nothing is fetched for them.
    theme = gradio.themes.Default(
        text_size=gradio.themes.sizes.text_lg, font=["var(--sans)"], font_mono=["ui-monospace", "monospace"]
    )
    colors = {ours: f"var(--{name})" for ours, name in COLORS.items()}
    theme.set(
        **colors,
        # Some are the same in light and dark to Gradio, too.
        **{f"{name}_dark": color for name, color in colors.items() if hasattr(theme, f"{name}_dark")},
        button_border_width="1px",
        button_border_width_dark="1px",
        button_primary_border_color="var(--accent)",
        button_primary_border_color_dark="var(--accent)",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_radius="var(--radius)",
        block_border_width="0px",
        block_shadow="none",
        block_padding="0px",
        form_gap_width="1rem",
    )
    return theme
