"""The insurer's portal: pages for officers and liaisons of one insurer."""
